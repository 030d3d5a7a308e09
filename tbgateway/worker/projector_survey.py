"""What all runs of a board have for the projector, looked at again only where files changed.

Most runs have nothing for it. Where nothing can have been added since the last look, one question
to the file system tells: files often lie on a network's, and there are hundreds of boards.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tbgateway.worker.projector_files import (
    ProjectorFiles,
    find_config,
    possible_directories,
    read_files,
)

_SETTLED = 60.0  # seconds; a directory that changed later may change again at the same time stamp

_State = tuple[int, int, int] | None
_Signature = tuple[_State, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a run had, and the state of all that was looked at; `files` is None if it had none."""

    looked_at: tuple[str, ...]
    signature: _Signature
    files: ProjectorFiles | None = None


class ProjectorSurvey:
    """Looks at the directories of the runs that `list_runs` names, below `logdir`.

    `make_config` makes an empty configuration.
    """

    def __init__(
        self, logdir: str, list_runs: Callable[[], list[str]], make_config: Callable[[], Any]
    ) -> None:
        self._logdir = logdir
        self._list_runs = list_runs
        self._make_config = make_config
        self._seen: Mapping[str, _Seen] = {}
        self._lock = threading.Lock()  # never held while files are looked at

    def take(self) -> Mapping[str, ProjectorFiles]:
        """Return the files of each run that has any; the same objects while nothing changes."""
        before = self._seen
        looks = {run: self._look(run, before.get(run)) for run in self._list_runs()}
        with self._lock:
            # Another thread may have seen the same meanwhile: its objects are in use by now.
            self._seen = {run: _same(self._seen.get(run), seen) for run, seen in looks.items()}
            return {run: seen.files for run, seen in self._seen.items() if seen.files is not None}

    def problems(self) -> Mapping[str, str]:
        """Return what is wrong with which run."""
        return {run: files.problem for run, files in self.take().items() if files.problems}

    def _look(self, run: str, before: _Seen | None) -> _Seen:
        if before is not None and before.files is None and _is_as_before(before):
            return before
        directory = os.path.join(self._logdir, run)  # noqa: PTH118 - Path is slow, and there are hundreds of runs
        path = find_config(directory)
        if path is None:
            return _nothing_in(directory)
        if before and before.files and before.files.path == path and _is_as_before(before):
            return before
        files = read_files(path, _experiment(self._logdir, run), self._make_config)
        looked_at = tuple(files.looked_at)
        return _Seen(looked_at, _sign(looked_at), files)


def _nothing_in(directory: str) -> _Seen:
    """Note the directories of a run where something may be put for the projector.

    One's own time tells of what is put into it, not of what is put further below. While it is
    too young to tell, nothing is noted, and the next look looks at everything.
    """
    states = {place: _state(place) for place in possible_directories(directory)}
    there = {place: state for place, state in states.items() if state or place == directory}
    youngest = max(state[2] if state else 0 for state in there.values()) / 1e9
    if time.time() - youngest < _SETTLED:
        return _Seen((), ())
    return _Seen(tuple(there), tuple(there.values()))


def _is_as_before(seen: _Seen) -> bool:
    return bool(seen.looked_at) and seen.signature == _sign(seen.looked_at)


def _same(known: _Seen | None, seen: _Seen) -> _Seen:
    """Return what is `known` if it is what was `seen`."""
    if known is None or known.looked_at != seen.looked_at or known.signature != seen.signature:
        return seen
    return known


def _sign(looked_at: Iterable[str]) -> _Signature:
    return tuple(map(_state, looked_at))


def _state(path: str) -> _State:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _experiment(logdir: str, run: str) -> str:
    """Return the real directory of the experiment: its link is the first one on the run's path."""
    path = logdir
    for part in run.split("/"):
        path = os.path.join(path, part)  # noqa: PTH118 - as above
        if os.path.islink(path):  # noqa: PTH114 - as above
            return os.path.realpath(path)
    return os.path.realpath(logdir)
