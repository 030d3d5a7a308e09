"""What is known of one experiment's scalars, and reading on in its event files."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG

from tbgateway.domain.scalar_tags import rank
from tbgateway.domain.series import Digest, Series
from tbgateway.worker.curve import Curve
from tbgateway.worker.record_file import Allowance, DamagedError, RecordFile
from tbgateway.worker.scalar_events import UnreadableError, scalars
from tbgateway.worker.scalar_messages import MOST_SERIES, Answer

_WITH_POINTS = 2
"""So many series, the foremost, are told with their points: they are what is drawn."""
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
"""Whoever owns the file may put a link or a pipe in its place at any moment."""
_DENIED = frozenset({errno.EACCES, errno.EPERM})


class ScalarExperiment:
    """Remembers how far each file was read, and what was read, boiled down."""

    def __init__(self) -> None:
        self._files: dict[str, RecordFile] = {}
        self._runs: dict[str, dict[str, Curve]] = {}
        self._series = 0
        self._anew = False
        self._flaw = ""
        self._denied = False

    @property
    def weight(self) -> int:
        """What it takes to remember it: its files and series."""
        return len(self._files) + self._series

    def read(self, files: Sequence[tuple[str, str]], allowance: Allowance) -> bool:
        """Read on in the `files`, runs and paths; return whether they were read to their ends.

        Files that were replaced, truncated or taken away let everything be read anew: what was
        known is theirs in part.
        """
        self._anew, self._flaw, self._denied = False, "", False
        if not self._files.keys() <= {path for _, path in files}:
            self._forget()
        for run, path in files:
            try:
                self._read_file(run, path, allowance)
            except OSError as error:
                self._excuse(run, path, error)
            if allowance.spent:
                return False
        return not self._anew

    def told(self, experiment: str, *, complete: bool) -> Answer:
        """Return what is known as an answer, the foremost series first."""
        found = [(run, tag) for run, curves in self._runs.items() for tag in curves]
        found.sort(key=lambda key: (rank(key[1]), key[0]))
        series = (
            self._told_of(run, tag, drawn=place < _WITH_POINTS)
            for place, (run, tag) in enumerate(found)
        )
        digest = Digest(tuple(series), complete=complete, flaw=self._flaw)
        return Answer(experiment, digest, denied=self._denied)

    def _told_of(self, run: str, tag: str, *, drawn: bool) -> Series:
        curve = self._runs[run][tag]
        return Series(
            run,
            tag,
            points=curve.points() if drawn else (),
            last=curve.last,
            last_step=curve.last_step,
            lowest=curve.lowest,
            highest=curve.highest,
            count=curve.count,
        )

    def _forget(self) -> None:
        self._files.clear()
        self._runs.clear()
        self._series = 0
        self._anew = True

    def _excuse(self, run: str, path: str, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # the list of files is a moment old
            return
        self._denied |= error.errno in _DENIED
        self._flaw = f"{_name(run, path)} cannot be read: {error.strerror}"

    def _read_file(self, run: str, path: str, allowance: Allowance) -> None:
        known = self._files.get(path)
        if known is None or not known.has_nothing_new(os.lstat(path)):
            descriptor = os.open(path, _FLAGS)
            try:
                self._read_open(run, path, descriptor, allowance)
            finally:
                os.close(descriptor)
        elif known.damaged:
            self._flaw = _damage(run, path, known)

    def _read_open(self, run: str, path: str, descriptor: int, allowance: Allowance) -> None:
        status = os.fstat(descriptor)
        if not S_ISREG(status.st_mode) or not _is_at(path, descriptor):
            return
        file = self._files.get(path)
        if file is not None and file.was_replaced(status):
            self._forget()
            file = None
        if file is None:
            file = self._files[path] = RecordFile((status.st_dev, status.st_ino))
        curves = self._runs.setdefault(run, {})
        try:
            for payload in file.payloads(descriptor, status.st_size, allowance):
                self._take(payload, curves)
        except DamagedError:
            self._flaw = _damage(run, path, file)

    def _take(self, payload: bytes, curves: dict[str, Curve]) -> None:
        try:
            for tag, step, value in scalars(payload, curves):
                curve = curves.get(tag) or self._begin(tag, curves)
                if curve is not None:
                    curve.add(step, value)
        except UnreadableError:  # its frame is whole: the next one can be read
            return

    def _begin(self, tag: str, curves: dict[str, Curve]) -> Curve | None:
        if self._series >= MOST_SERIES:
            return None
        self._series += 1
        return curves.setdefault(tag, Curve())


def _is_at(path: str, descriptor: int) -> bool:
    """Whether the open file lies where `path` says: a directory may have become a link."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink()) == path


def _damage(run: str, path: str, file: RecordFile) -> str:
    return f"{_name(run, path)} is damaged at byte {file.offset}; what follows is not read"


def _name(run: str, path: str) -> str:
    name = os.fsencode(path.rpartition("/")[2]).decode(errors="backslashreplace")
    return repr(name if run == "." else f"{run}/{name}")
