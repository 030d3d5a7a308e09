"""Making directories whose mode does not depend on a umask."""

from contextlib import suppress
from pathlib import Path


def make_directories(path: Path, mode: int) -> None:
    """Make the directory and those above it that are missing, all of this mode. Raise OSError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        try:
            one.mkdir(mode)
        except FileExistsError:  # somebody was faster
            continue
        with suppress(OSError):  # a file system without modes
            one.chmod(mode)
