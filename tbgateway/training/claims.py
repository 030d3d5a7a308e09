"""Files that one script at a time may have: a claim ends with the script, however that ends."""

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path


def claim(path: Path, flags: int = 0) -> int:
    """Return a descriptor of the file, which is claimed until it is released.

    `flags` are those of open(2). Raise BlockingIOError if another script has it, and OSError if it
    is gone, or no regular file of one's own.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | flags, 0o600)
    try:
        _check_own(descriptor, path)
        _lock(descriptor)
        _check_is_at(path, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def release(descriptor: int) -> None:
    """Give the file to the next one."""
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing does not, if a child has it as well
    os.close(descriptor)


def _check_own(descriptor: int, path: Path) -> None:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_nlink > 1:
        raise PermissionError(errno.EACCES, "it is no file of one's own", str(path))


def _check_is_at(path: Path, descriptor: int) -> None:
    """Raise BlockingIOError if whoever had the file before took it away."""
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
            return
    raise BlockingIOError(errno.EAGAIN, "another script had it", str(path))


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks: there nobody takes turns
        return
