"""What is known of one experiment's scalars, and reading on in its event files."""

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from stat import S_ISREG

from tbgateway.domain.series import Digest
from tbgateway.worker.curve import Curve
from tbgateway.worker.record_file import Allowance, DamagedError, RecordFile
from tbgateway.worker.scalar_events import UnreadableError, familiar_scalar, scalars
from tbgateway.worker.scalar_messages import LONGEST_FLAW, LONGEST_RUN, Answer
from tbgateway.worker.scalar_series import ScalarSeries

LONGEST_LIST = 1000
"""So many files of an experiment are named. Where there are more, one that comes early in the
list pushes another out, which is still there and keeps what was read of it."""
_MOST_UNNAMED = 10_000
_FILE = 500  # bytes
_SHOWN = 100  # characters of a name that is too long
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
"""Whoever owns the file may put a link or a pipe in its place at any moment."""
_DENIED = frozenset({errno.EACCES, errno.EPERM})


class ScalarExperiment:
    """Remembers how far each file was read, and what was read, boiled down."""

    def __init__(self) -> None:
        self._files: dict[str, RecordFile] = {}
        self._series = ScalarSeries()
        self._weight = 0
        self._anew = False
        self._flaw = ""
        self._denied = False

    @property
    def weight(self) -> int:
        """How many bytes it takes to remember it, about."""
        return self._weight + self._series.weight

    def read(self, files: Sequence[tuple[str, str]], allowance: Allowance) -> bool:
        """Read on in the `files`, runs and paths; return whether they were read to their ends.

        Files that were replaced, truncated or taken away let everything be read anew: what was
        known is theirs in part.
        """
        self._anew, self._flaw, self._denied = False, "", False
        if self._lost_any(files):
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
        flaw = self._flaw[:LONGEST_FLAW]
        digest = Digest(self._series.told(), complete=complete, flaw=flaw)
        return Answer(experiment, digest, denied=self._denied)

    def _lost_any(self, files: Sequence[tuple[str, str]]) -> bool:
        unnamed = self._files.keys() - {path for _, path in files}
        if len(files) < LONGEST_LIST or len(unnamed) > _MOST_UNNAMED:
            return bool(unnamed)
        return any(_is_gone(path, self._files[path]) for path in unnamed)

    def _forget(self) -> None:
        self._files.clear()
        self._series = ScalarSeries()
        self._weight = 0
        self._anew = True

    def _excuse(self, run: str, path: str, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):  # the list of files is a moment old
            return
        self._denied |= error.errno in _DENIED
        self._flaw = f"{_name(run, path)} cannot be read: {error.strerror}"

    def _read_file(self, run: str, path: str, allowance: Allowance) -> None:
        if len(run) > LONGEST_RUN:
            self._flaw = f"{_name(run[:_SHOWN], path)} is not read: its run's name is too long"
            return
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
            self._weight += _FILE + sys.getsizeof(path)
        try:
            self._take_all(file.payloads(descriptor, status.st_size, allowance), run)
        except DamagedError:
            self._flaw = _damage(run, path, file)

    def _take_all(self, payloads: Iterable[bytes], run: str) -> None:
        curves = self._series.of(run)
        for payload in payloads:
            familiar = familiar_scalar(payload)
            if familiar is None:
                self._take(payload, run, curves)
                continue
            tag, step, value = familiar
            curve = curves.get(tag) or self._series.begin(run, tag)
            if curve is not None:
                curve.add(step, value)

    def _take(self, payload: bytes, run: str, curves: dict[str, Curve]) -> None:
        try:
            for tag, step, value in scalars(payload, curves):
                curve = curves.get(tag) or self._series.begin(run, tag)
                if curve is not None:
                    curve.add(step, value)
        except UnreadableError:  # its frame is whole: the next one can be read
            return


def _is_gone(path: str, file: RecordFile) -> bool:
    try:
        return file.was_replaced(os.lstat(path))
    except OSError:
        return True


def _is_at(path: str, descriptor: int) -> bool:
    """Whether the open file lies where `path` says: a directory may have become a link."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink()) == path


def _damage(run: str, path: str, file: RecordFile) -> str:
    return f"{_name(run, path)} is damaged at byte {file.offset}; what follows is not read"


def _name(run: str, path: str) -> str:
    name = os.fsencode(path.rpartition("/")[2]).decode(errors="backslashreplace")
    return repr(name if run == "." else f"{run}/{name}")
