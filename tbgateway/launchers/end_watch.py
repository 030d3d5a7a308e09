"""Noticing the end of a process that is no child of ours."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress

from tbgateway.launchers.processes import is_over, open_pidfd

_LOOK_EVERY = 1.0  # seconds


class EndWatch:
    """Calls `ended` once the process that was started as `pid` at `started` is over.

    That comes with its exit status, negative for a signal, or with None: only its parent is told
    that. Where there is no descriptor for the process, because this one has none left or the kernel
    none at all (before Linux 5.3), it is looked after once a second, and its status is not known.
    """

    def __init__(self, pid: int, started: int, ended: Callable[[int | None], None]) -> None:
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._descriptor = _open(pid)
        self._looking: asyncio.TimerHandle | None = None
        if self._descriptor is None or is_over(pid, started):
            self._loop.call_soon(self._look, pid, started)
        else:
            self._loop.add_reader(self._descriptor, self._tell)

    def close(self) -> None:
        """Watch no more."""
        if self._looking is not None:
            self._looking.cancel()
        if self._descriptor is not None:
            self._loop.remove_reader(self._descriptor)
            _reap(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = None
        self._ended = _nobody

    def _look(self, pid: int, started: int) -> None:
        if is_over(pid, started):
            self._tell()
        elif self._ended is not _nobody:
            self._looking = self._loop.call_later(_LOOK_EVERY, self._look, pid, started)

    def _tell(self) -> None:
        ended = self._ended
        code = None if self._descriptor is None else _reap(self._descriptor)
        self.close()
        ended(code)


def _open(pid: int) -> int | None:
    try:
        return open_pidfd(pid)
    except ProcessLookupError:
        return None


def _reap(descriptor: int) -> int | None:
    """Take the process's exit status, which is ours to take if it was given to us, as to init."""
    with suppress(OSError):
        ended = os.waitid(os.P_PIDFD, descriptor, os.WEXITED | os.WNOHANG)
        if ended is not None:
            return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
    return None


def _nobody(_code: int | None) -> None:
    """Nobody wants to know any more."""
