"""Whose directory it is while a script lives: nobody else goes on in it.

It is an advisory lock on the directory itself, so no file is left behind, and one of a script that
was killed is gone with it. Where a file system knows no such locks, scripts go on without.
"""

import fcntl
import os
import weakref
from pathlib import Path


class Hold:
    """A directory that is held until `release`, at the latest until the process ends."""

    def __init__(self, descriptor: int | None = None) -> None:
        """Hold what the locked descriptor stands for; without one, nothing."""
        self._descriptor = descriptor
        _holds.add(self)

    def __del__(self) -> None:
        self.release()

    def release(self) -> None:
        """Let others have it, also where children inherited the descriptor."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
            finally:
                os.close(descriptor)

    def leave_to_parent(self) -> None:
        """Have nothing to do with it: this process was forked."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


_holds: weakref.WeakSet[Hold] = weakref.WeakSet()


def _after_fork_in_child() -> None:
    for one in tuple(_holds):
        one.leave_to_parent()


os.register_at_fork(after_in_child=_after_fork_in_child)


def hold(directory: Path) -> Hold | None:
    """Hold the directory; return None if a live script does."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # such as one that may be written, but not be read
        return Hold()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        return Hold()
    return Hold(descriptor)
