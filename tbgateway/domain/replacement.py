"""Whether TensorBoard still shows what an experiment's event files say, told from their marks.

TensorBoard keeps event files open and reads on where it stopped. A file that another one was
renamed over is read no further, for ever; one that became shorter, or went from beside others,
leaves points that nobody wrote any more. A file that grew, or a new one, is taken up by itself.
"""

from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

_MOST_GONE = 1000
"""So many files that went are remembered, of each experiment."""


class Mark(NamedTuple):
    """What tells one event file from another that came under its name."""

    device: int
    inode: int
    size: int
    modified: int
    """In nanoseconds of Unix time."""


Marks = Mapping[str, Mark]
"""The event files of one experiment, by their paths."""


def is_outdated(before: Marks, now: Marks) -> bool:
    """Whether a TensorBoard that read the files as they were `before` must read them anew."""
    if before == now:
        return False
    alive = {_directory(path) for path in now}
    return any(_is_outdated(path, mark, now.get(path), alive) for path, mark in before.items())


def remembered(before: Marks, now: Marks) -> Marks:
    """Return what the next look is to be compared with.

    Of a directory that went with all its files TensorBoard drops the run by itself, but not at
    once: what comes back under the same names is compared with what was there. A file that is
    another one of the same size and age is compared by what TensorBoard has open.
    """
    if before == now:
        return now
    gone = islice(((path, mark) for path, mark in before.items() if path not in now), _MOST_GONE)
    opened = {
        path: before[path] if _is_copy(before.get(path), mark) else mark
        for path, mark in now.items()
    }
    return dict(gone) | opened


def _is_outdated(path: str, mark: Mark, now: Mark | None, alive: set[str]) -> bool:
    if now is None:
        return _directory(path) in alive
    if now[:2] != mark[:2]:
        return not _is_copy(mark, now)
    return now.size < mark.size


def _is_copy(before: Mark | None, now: Mark) -> bool:
    """Whether it is another file with the same size and time: some file systems invent inodes."""
    return before is not None and before[:2] != now[:2] and before[2:] == now[2:]


def _directory(path: str) -> str:
    return path.rpartition("/")[0]
