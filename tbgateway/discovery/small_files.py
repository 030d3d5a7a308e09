"""Reading small files that anybody may have put below a logdir root."""

import errno
import os
from pathlib import Path
from stat import S_ISREG


def read_small(path: str, most: int) -> bytes:
    """Return what the file at the real path `path` holds.

    Links, pipes and the like are not opened. Raise OSError with a reason that can be shown, also
    for a file of more than `most` bytes.
    """
    try:
        # A pipe that nobody writes to would block without O_NONBLOCK.
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a link") from None
        raise
    try:
        _check_is_file_at(opened, path)
        too_long = os.fstat(opened).st_size > most
        content = b"" if too_long else _read(opened, most + 1)
    finally:
        os.close(opened)
    if too_long or len(content) > most:
        raise OSError(errno.EFBIG, f"it holds more than {most} bytes")
    return content


def _check_is_file_at(opened: int, path: str) -> None:
    if not S_ISREG(os.fstat(opened).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    if str(Path(f"/proc/self/fd/{opened}").readlink()) == path:
        return
    if os.fstat(opened).st_nlink == 0:
        raise FileNotFoundError(errno.ENOENT, "it was replaced")
    raise OSError(errno.ELOOP, "it is reached by a link")


def _read(opened: int, most: int) -> bytes:
    parts: list[bytes] = []
    left = most
    while left > 0 and (part := os.read(opened, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
