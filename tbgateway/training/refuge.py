"""Directories for event files that no gateway is told of. Nothing here raises an OSError."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tbgateway.training.place import LOCAL, Places


def refuge(places: Places) -> Path:
    """Return where the files go if nothing else worked: where they were meant to, or here.

    Raise InvalidInputError if nothing can be written to the one that was named.
    """
    try:
        return places.given_directory() or places.local().directory
    except OSError:
        return nowhere(places.name)


def throwaway(name: str) -> Path:
    """Return a directory that goes away with this process: nobody is to see what is written."""
    try:
        directory = Path(tempfile.mkdtemp(prefix="tbgateway-nobody-"))
    except OSError:
        return nowhere(name)
    atexit.register(_remove, directory, os.getpid())
    return directory


def nowhere(name: str) -> Path:
    """Return where a directory would be if one could be made: whoever writes there is told why."""
    return Path(LOCAL, *name.split("/"))


def _remove(directory: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(directory, ignore_errors=True)
