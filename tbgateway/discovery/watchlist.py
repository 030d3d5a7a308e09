"""Which experiment is measured in which scan."""

import itertools

from tbgateway.discovery.candidates import Candidates
from tbgateway.discovery.description_files import DescriptionFile, FileReading
from tbgateway.domain.experiment_state import MISSING, Measurement
from tbgateway.eventfiles import EventFiles

_TURNS = 6
"""An experiment in which nothing happens is measured in every sixth scan."""
_STIRRED_FOR = 60.0
"""For so many seconds after a change an experiment is measured in every scan."""


class _Watched:
    """One experiment's files, and its lot: the scan of a round that measures it for sure."""

    __slots__ = ("described", "files", "lot")

    def __init__(self, files: EventFiles, lot: int) -> None:
        self.files = files
        self.lot = lot
        self.described: DescriptionFile | None = None

    def measure(self, now: float) -> Measurement:
        measurement = self.files.measure(now)
        if self.files.described:
            self.described = self.described or DescriptionFile(self.files.path)
            self.described.look(now)
        else:
            self.described = None
        return measurement


class Watchlist:
    """Measures lively experiments in every scan and the others in rotation."""

    def __init__(self, search_depth: int) -> None:
        self._search_depth = search_depth
        self._lots = itertools.cycle(range(_TURNS))
        self._turn = 0
        self._now = 0.0
        self._watched: dict[str, _Watched] = {}
        self._before = self._watched

    def begin_scan(self, now: float) -> None:
        """Begin the next scan, and forget what nobody asked for in the last one."""
        self._now = now
        self._turn = (self._turn + 1) % _TURNS
        self._before, self._watched = self._watched, {}

    def look(self, candidates: Candidates, path: str, *, running: bool) -> Measurement:
        """Return what is known of the directory `path` of that root, measured again if due."""
        watched = self._watched.get(path) or self._before.get(path)
        if watched is None or watched.files.root != candidates.path:
            files = EventFiles(path, candidates.path, self._search_depth)
            watched = _Watched(files, next(self._lots))
        self._watched[path] = watched
        last = watched.files.measurement
        if last is None or running or self._is_due(watched, last, candidates):
            return watched.measure(self._now)
        return last

    def reading(self, path: str) -> FileReading | None:
        """Return what the file says that describes the directory `path`, if it is looked at."""
        watched = self._watched.get(path)
        described = None if watched is None else watched.described
        return None if described is None else described.reading

    def _is_due(self, watched: _Watched, last: Measurement, candidates: Candidates) -> bool:
        files = watched.files
        if watched.lot == self._turn or self._now - files.stirred_at < _STIRRED_FOR:
            return True
        # Somebody made or removed directories: does the root agree with what was seen last?
        return candidates.relisted and (files.path in candidates.by_path) is (last == MISSING)
