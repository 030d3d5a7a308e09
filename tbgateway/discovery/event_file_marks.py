"""The marks of one experiment's event files, taken again and again at little cost."""

import os
import time
from collections import deque
from collections.abc import Iterator
from stat import S_ISDIR, S_ISREG

from tbgateway.domain.replacement import Mark, Marks, is_outdated, remembered
from tbgateway.eventfiles import Listing, is_event_file

_MOST_DIRECTORIES = 10_000
"""An experiment that has more is on no board."""


class EventFileMarks:
    """The event files below `path`, links followed as TensorBoard does; for one thread at a time.

    `cost` is how many files and directories the last look asked the file system about.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.cost = 1
        self._marks: Marks | None = None
        self._listings: dict[str, Listing] = {}

    @property
    def taken(self) -> bool:
        """Whether there was a look already."""
        return self._marks is not None

    def look(self) -> bool:
        """Return whether TensorBoard, if it had read what the last look saw, is outdated now.

        The first look only remembers. What cannot be looked at is taken for gone for a while.
        """
        now = self._take()
        before = now if self._marks is None else self._marks
        outdated = is_outdated(before, now)
        self._marks = now if outdated else remembered(before, now)
        return outdated

    def _take(self) -> Marks:
        listings, self._listings = self._listings, {}
        entered: set[tuple[int, int]] = set()
        marks: dict[str, Mark] = {}
        waiting = deque([self.path])
        self.cost = 0
        while waiting and len(entered) < _MOST_DIRECTORIES:
            path = waiting.popleft()
            self.cost += 1
            try:
                status = os.stat(path)  # noqa: PTH116 - thousands of times; a Path costs as much
                if S_ISREG(status.st_mode) and is_event_file(path.rpartition("/")[2]):
                    marks[path] = _mark(status)
                elif S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in entered:
                    entered.add((status.st_dev, status.st_ino))
                    waiting.extend(self._entries(path, status, listings.get(path) or Listing()))
            except OSError:
                continue
        return marks

    def _entries(self, path: str, status: os.stat_result, listing: Listing) -> Iterator[str]:
        listing.refresh(path, status, time.time())
        self._listings[path] = listing
        yield from listing.files
        yield from listing.directories
        yield from listing.links


def _mark(status: os.stat_result) -> Mark:
    return Mark(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
