"""Signalling processes by pid without ever hitting another process that got the same number."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from tbgateway.worker import kernel

log = structlog.get_logger(__name__)

_LOOK_EVERY = 0.02  # seconds
_KILLED_WITHIN = 5.0  # seconds; longer only in an uninterruptible wait for a disk


def is_over(pid: int, started: int) -> bool:
    """Whether the process that was started as `pid` at `started` has ended."""
    return pid <= 0 or kernel.started_at(pid) != started or kernel.is_over(pid)


def send_signal(pid: int, started: int, number: signal.Signals) -> None:
    """Signal that one process; do nothing if it has ended."""
    if is_over(pid, started):
        return
    with suppress(ProcessLookupError):
        descriptor = open_pidfd(pid)
        if descriptor is None:
            os.kill(pid, number)
            return
        try:
            # The descriptor names one process: if its start time is right now, it stays right.
            if not is_over(pid, started):
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


def open_pidfd(pid: int) -> int | None:
    """Return a descriptor for `pid`, or None where there is no such thing: before Linux 5.3.

    Raise ProcessLookupError if there is no such process.
    """
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except OSError:
        return None


Send = Callable[[int, int, signal.Signals], None]
"""Signals the process that was started as a pid at a time, as `send_signal` does."""


async def end_process(pid: int, started: int, *, grace: float, send: Send = send_signal) -> None:
    """Ask that process to end, after `grace` seconds make it; return when it has ended."""
    if grace > 0:
        send(pid, started, signal.SIGTERM)
        if await _is_over_within(pid, started, grace):
            return
    send(pid, started, signal.SIGKILL)
    if not await _is_over_within(pid, started, _KILLED_WITHIN):
        log.warning("a killed process is still there", pid=pid)


async def _is_over_within(pid: int, started: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_over(pid, started):
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_LOOK_EVERY)
    return True
