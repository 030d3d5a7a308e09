"""One gateway per state: a lock that the kernel takes back when its holder dies."""

import contextlib
import fcntl
import os
from pathlib import Path

from tbgateway.domain.errors import ConflictError


class StateLock:
    """Held from construction until `release`; the file stays, only the lock on it goes."""

    def __init__(self, path: Path) -> None:
        """Take the lock; raise ConflictError naming the process that has it."""
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._fd, 20, 0).decode(errors="replace").strip()
            os.close(self._fd)
            raise ConflictError(
                f"Another gateway (pid {holder or 'unknown'}) uses {path.parent}.",
                hint="Stop it first, or give this one a state directory of its own (--state-dir).",
            ) from None
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a pid as well
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next gateway in."""
        os.close(self._fd)
