"""What a researcher is told: each kind of trouble once, in one line.

Whatever logging does, it is no trouble of the training: stderr may be closed, a handler may raise.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tbgateway.domain.errors import (
    DeniedError,
    InvalidInputError,
    TbgatewayError,
    TimedOutError,
    UnauthenticatedError,
    UnreachableError,
)

LOGGER = logging.getLogger("tbgateway")
_LET_IN = (
    "Give one of an editor (tbgateway token create LABEL makes it) as token_file= or"
    " TBGATEWAY_TOKEN, or log in with: tbgateway login URL."
)


def log(level: int, text: str) -> None:
    """Say it to those who want to know it; never raises."""
    with suppress(Exception):
        LOGGER.log(level, "tbgateway: %s", text)


class Complaints:
    """Warns of each kind of trouble once in an experiment's life; never raises."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said: set[str] = set()
        self._lock = threading.RLock()  # a signal's handler may come in between

    def say(self, kind: str, text: str) -> None:
        """Warn of it, unless this kind was told before."""
        with self._lock:
            known = kind in self._said
            self._said.add(kind)
        log(logging.DEBUG if known else logging.WARNING, f"{self._name}: {text}")

    def refused(self, what: str, error: TbgatewayError, *, then: str = "") -> None:
        """Warn that the gateway did not take something; `then` says what becomes of it."""
        self.say(f"{what} {error.code}", f"{what}: {_words(error)} {then}".rstrip())

    def away(self, error: TbgatewayError, directory: Path) -> None:
        """Warn that nothing gets through to the gateway, and say what becomes of the training."""
        kind = "away" if isinstance(error, UnreachableError | TimedOutError) else error.code
        later = "the gateway is told when it listens."
        if isinstance(error, UnauthenticatedError | DeniedError):
            later = f"the gateway is told nothing before it is given another token. {_LET_IN}"
        self.say(
            kind,
            f"{_words(error)} The training goes on, with its event files in {directory}; {later}",
        )

    def note(self, text: str) -> None:
        """Say what is no trouble; seen by those who want to."""
        log(logging.INFO, f"{self._name}: {text}")

    @contextmanager
    def instead_of_raising(self, what: str) -> Iterator[None]:
        """Warn of what we overlooked, in place of an exception that would harm the training.

        Only wrong arguments, which are an InvalidInputError, go through.
        """
        try:
            yield
        except InvalidInputError:
            raise
        except Exception as error:  # noqa: BLE001 - a training is never harmed by what we overlooked
            self.say(what, f"{what}: {error!r}")


def _words(error: TbgatewayError) -> str:
    """Return what is wrong and what to do, in sentences."""
    return " ".join(_sentence(part) for part in (error.detail, error.hint) if part)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
