"""Reading a small file even when this process has no descriptors left.

Whoever has none must still be able to tell a living process from a dead one: taken for dead, it
would be left alone with nobody to look after it.
"""

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path

_OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})


class SpareDescriptor:
    """One descriptor, kept open for the time when there are none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: int | None = None
        self._keep()

    def read(self, path: str) -> bytes:
        """Return what the file holds; raise OSError if it cannot be read."""
        try:
            return Path(path).read_bytes()
        except OSError as error:
            if error.errno not in _OUT_OF_DESCRIPTORS:
                raise
        with self._lock:
            self._give()
            try:
                return Path(path).read_bytes()
            finally:
                self._keep()

    def _give(self) -> None:
        if self._kept is not None:
            os.close(self._kept)
            self._kept = None

    def _keep(self) -> None:
        """Have one again; another thread may have been quicker, then the next reader has none."""
        with suppress(OSError):
            self._kept = os.open(os.devnull, os.O_RDONLY)
