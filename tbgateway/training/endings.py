"""How a script ended, in the words of experiments."""

import re
import reprlib
import signal
from dataclasses import dataclass

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState
from tbgateway.domain.reasons import LONGEST
from tbgateway.training.exit_codes import name_of, signal_told_by

_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
STOPPING = frozenset({signal.SIGINT, signal.SIGTERM})
"""Whoever is ended by these, or exits with their codes, was stopped."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The state an experiment ends in, and why."""

    state: ExperimentState
    reason: str = ""


COMPLETED = Ending(ExperimentState.COMPLETED)


def stopped(reason: str) -> Ending:
    """Return the end of a script that somebody stopped."""
    return Ending(ExperimentState.STOPPED, one_line(reason))


def failed(reason: str) -> Ending:
    """Return the end of a script that failed."""
    return Ending(ExperimentState.FAILED, one_line(reason))


def ending_of(error: BaseException | None) -> Ending:
    """Return how a script ends that is left with this exception, or with none.

    What is no error (KeyboardInterrupt, a task that is cancelled) means that somebody stopped it.
    """
    if error is None:
        return COMPLETED
    if isinstance(error, SystemExit):
        return _ending_by_exit(error.code)
    words = f"{type(error).__name__}: {_text(error)}".removesuffix(": ")
    return failed(words) if isinstance(error, Exception) else stopped(words)


def checked_ending(how: object) -> Ending:
    """Return the end that a script tells; raise InvalidInputError for what is none."""
    if isinstance(how, Ending):
        return how
    if how is None or isinstance(how, BaseException):
        return ending_of(how)
    raise InvalidInputError(
        f"{reprlib.repr(how)} is not how an experiment ends.",
        hint="Give the exception that made it fail, such as ValueError('no data'), or nothing.",
        field="how",
    )


def one_line(text: str) -> str:
    """Return the text as one line of printable characters that is no longer than a reason."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _ending_by_exit(code: object) -> Ending:
    if code is None or code == 0:
        return COMPLETED
    if isinstance(code, int):
        number = signal_told_by(code)
        return stopped(name_of(number)) if number in STOPPING else failed(f"exit status {code}")
    return failed(f"SystemExit: {_text(code)}")


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the text of somebody else's exception may itself raise
        return ""
