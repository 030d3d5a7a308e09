"""What a researcher is told: each kind of trouble once, in one line."""

import logging
import threading
from pathlib import Path

from tbgateway.domain.errors import TbgatewayError, TimedOutError, UnreachableError

LOGGER = logging.getLogger("tbgateway")


class Complaints:
    """Warns of each kind of trouble once in an experiment's life."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def say(self, kind: str, text: str) -> None:
        """Warn of it, unless this kind was told before."""
        with self._lock:
            known = kind in self._said
            self._said.add(kind)
        level = logging.DEBUG if known else logging.WARNING
        LOGGER.log(level, "tbgateway: %s: %s", self._name, text)

    def refused(self, what: str, error: TbgatewayError, *, then: str = "") -> None:
        """Warn that the gateway did not take something; `then` says what becomes of it."""
        self.say(f"{what} {error.code}", f"{what}: {_words(error)} {then}".rstrip())

    def away(self, error: TbgatewayError, directory: Path) -> None:
        """Warn that nothing gets through to the gateway, and say what becomes of the training."""
        kind = "away" if isinstance(error, UnreachableError | TimedOutError) else error.code
        self.say(
            kind,
            f"{_words(error)} The training goes on, with its event files in {directory};"
            " the gateway is told when it listens.",
        )

    def note(self, text: str) -> None:
        """Say what is no trouble; seen by those who want to."""
        LOGGER.info("tbgateway: %s: %s", self._name, text)


def _words(error: TbgatewayError) -> str:
    return " ".join(filter(None, (error.detail, error.hint)))
