"""Walking a logdir for TensorBoard's Python loader, whose own walk runs in circles of links."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_MOST_DIRECTORIES = 50_000

_Identity = tuple[int, int]


@dataclass
class RunDirectories:
    """The directories below `logdir` that hold event files, links followed.

    `complain` is called once for each link that leads back to a directory above itself (it is
    not followed), for each event file that cannot be read (its run is left out: TensorBoard would
    answer no question about any run), and when the tree is too large to be walked to its end.
    """

    logdir: str
    complain: Callable[[str], None]
    _complaints: set[str] = field(default_factory=set)
    _readable: set[str] = field(default_factory=set)

    def find(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the path of each run, as stock TensorBoard names them."""
        count = 0
        waiting: list[tuple[str, frozenset[_Identity]]] = [(self.logdir, frozenset())]
        while waiting:
            directory, above = waiting.pop()
            count += 1
            if count > _MOST_DIRECTORIES:
                self._complain_once(f"only the first {_MOST_DIRECTORIES} directories are read")
                return
            below, event_files = self._look_into(directory, above)
            waiting.extend(below)
            if event_files and all(map(self._can_read, event_files)):
                yield os.path.relpath(directory, self.logdir), directory

    def _look_into(
        self, directory: str, above: frozenset[_Identity]
    ) -> tuple[list[tuple[str, frozenset[_Identity]]], list[str]]:
        try:
            status = Path(directory).stat()
            identity = (status.st_dev, status.st_ino)
            if identity in above:
                self._complain_once(f"{directory} leads back to a directory above it: left out")
                return [], []
            with os.scandir(directory) as entries:
                return _sort_out(entries, above | {identity})
        except OSError as error:
            self._complain_once(f"{directory}: {error.strerror}")
            return [], []

    def _can_read(self, path: str) -> bool:
        """Try it: neither permissions nor access(2) know of Landlock."""
        if path in self._readable:
            return True
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError as error:
            self._complain_once(f"{path}: {error.strerror}")
            return False
        self._readable.add(path)
        return True

    def _complain_once(self, complaint: str) -> None:
        if complaint not in self._complaints:
            self._complaints.add(complaint)
            self.complain(complaint)


def _sort_out(
    entries: Iterator[os.DirEntry[str]], above: frozenset[_Identity]
) -> tuple[list[tuple[str, frozenset[_Identity]]], list[str]]:
    """Return the directories, each with what is above it, and the event files."""
    directories, event_files = [], []
    for entry in entries:
        if _is_directory(entry):
            directories.append((entry.path, above))
        elif "tfevents" in entry.name:
            event_files.append(entry.path)
    return directories, event_files


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that only ever leads to itself
        return False
