"""Signals in exit codes, as shells put them there, and what they are called."""

import signal
from signal import Signals

_BY_SIGNAL = 128


def after_signal(number: int) -> int:
    """Return the exit code of a process that this signal ended."""
    return _BY_SIGNAL + number


def signal_told_by(code: int) -> int | None:
    """Return the signal that an exit code tells of, if it does."""
    number = code - _BY_SIGNAL
    return number if number in signal.valid_signals() else None


def name_of(number: int) -> str:
    """Return what a signal is called; most of the real-time signals have numbers only."""
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"
