"""Which experiment is measured in which scan."""

import itertools

from tbgateway.discovery.candidates import Candidates
from tbgateway.domain.experiment_state import MISSING, Measurement
from tbgateway.eventfiles import EventFiles

_TURNS = 6
"""An experiment in which nothing happens is measured in every sixth scan."""
_STIRRED_FOR = 60.0
"""For so many seconds after a change an experiment is measured in every scan."""


class Watchlist:
    """Measures lively experiments in every scan and the others in rotation."""

    def __init__(self, search_depth: int) -> None:
        self._search_depth = search_depth
        self._lots = itertools.cycle(range(_TURNS))
        self._turn = 0
        self._now = 0.0
        self._watched: dict[str, tuple[EventFiles, int]] = {}
        self._before = self._watched

    def begin_scan(self, now: float) -> None:
        """Begin the next scan, and forget what nobody asked for in the last one."""
        self._now = now
        self._turn = (self._turn + 1) % _TURNS
        self._before, self._watched = self._watched, {}

    def look(self, candidates: Candidates, path: str, *, running: bool) -> Measurement:
        """Return what is known of the directory `path` of that root, measured again if due."""
        watched = self._watched.get(path) or self._before.get(path)
        if watched is None or watched[0].root != candidates.path:
            files = EventFiles(path, candidates.path, self._search_depth)
            watched = files, next(self._lots)
        self._watched[path] = watched
        files, lot = watched
        last = files.measurement
        if last is None or running or lot == self._turn or self._is_lively(files, last, candidates):
            return files.measure(self._now)
        return last

    def _is_lively(self, files: EventFiles, last: Measurement, candidates: Candidates) -> bool:
        if self._now - files.stirred_at < _STIRRED_FOR:
            return True
        # Somebody made or removed directories: does the root agree with what was seen last?
        return candidates.relisted and (files.path in candidates.by_path) is (last == MISSING)
