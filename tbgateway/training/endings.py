"""How a script ended, in the words of experiments."""

import re
from dataclasses import dataclass

from tbgateway.domain.model import ExperimentState
from tbgateway.domain.reasons import LONGEST

_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_BY_SIGNAL = {128 + 2: "SIGINT", 128 + 15: "SIGTERM"}
"""What shells, and scripts with handlers of their own, exit with after these signals."""


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


def one_line(text: str) -> str:
    """Return the text as one line of printable characters that is no longer than a reason."""
    line = _UNPRINTABLE.sub(" ", text).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _ending_by_exit(code: object) -> Ending:
    if code is None or code == 0:
        return COMPLETED
    if isinstance(code, int):
        signal = _BY_SIGNAL.get(code)
        return failed(f"exit status {code}") if signal is None else stopped(signal)
    return failed(f"SystemExit: {_text(code)}")


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the text of somebody else's exception may itself raise
        return ""
