"""Noticing that what forkservers are made of was changed."""

import threading
import time

from tbgateway.launchers.installation import Fingerprint, Installation, Mark

_SETTLED_AFTER = 2.0  # seconds; an installer that is at it writes more often


class InstallationWatch:
    """Compares what is installed with what was when it was last asked.

    All of it may be called from any thread.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lock = threading.Lock()
        self._marks: tuple[Mark, ...] = ()
        self._fingerprint: Fingerprint | None = None

    def stirred(self) -> bool:
        """Whether anything at all may have been installed: microseconds."""
        return self._marks != self._installation.marks()

    def changed(self) -> bool:
        """Whether a forkserver made now would be another one; say so once.

        Not while an installer still writes, and never at the first time, which begins the watch.
        """
        with self._lock:
            return self.stirred() and self._look()

    def _look(self) -> bool:
        first, now = self._fingerprint is None, self._installation.fingerprint()
        if now is None or not (first or _is_settled(self._installation.homes())):
            return False
        marks = self._installation.marks()
        if now != self._installation.fingerprint():  # somebody is at it: look again later
            return False
        before, self._marks, self._fingerprint = self._fingerprint, marks, now
        return before not in {None, now}


def _is_settled(marks: tuple[Mark, ...]) -> bool:
    newest = max((changed for _, _, changed in marks), default=0) / 1e9
    return not 0 <= time.time() - newest < _SETTLED_AFTER
