"""What all runs of a board have for the projector, looked at again only where files changed."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tbgateway.worker.projector_files import ProjectorFiles, find_config, read_files

_Signature = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    files: ProjectorFiles
    signature: _Signature


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
        self._seen: dict[str, _Seen] = {}
        self._lock = threading.Lock()

    def take(self) -> Mapping[str, ProjectorFiles]:
        """Return the files of each run that has any; the same objects while nothing changes."""
        runs = self._list_runs()
        with self._lock:
            self._seen = {run: seen for run in runs if (seen := self._look(run)) is not None}
            return {run: seen.files for run, seen in self._seen.items()}

    def problems(self) -> Mapping[str, str]:
        """Return what is wrong with which run."""
        return {run: files.problem for run, files in self.take().items() if files.problems}

    def _look(self, run: str) -> _Seen | None:
        path = find_config(os.path.join(self._logdir, run))  # noqa: PTH118 - Path is slow, and there are hundreds of runs
        if path is None:
            return None
        seen = self._seen.get(run)
        if seen and seen.files.path == path and seen.signature == _sign(seen.files):
            return seen
        files = read_files(path, _experiment(self._logdir, run), self._make_config)
        return _Seen(files, _sign(files))


def _sign(files: ProjectorFiles) -> _Signature:
    return tuple(map(_state, files.looked_at))


def _state(path: str) -> tuple[int, int, int] | None:
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
