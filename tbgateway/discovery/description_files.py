"""The `tbgateway.json` of a directory, in which its script says what its event files do not."""

import errno
import math
import os
import time
from dataclasses import dataclass
from stat import S_ISREG

from tbgateway.discovery.small_files import read_small
from tbgateway.domain.description_file import (
    FILE_NAME,
    LONGEST_FILE,
    NOT_UNDERSTOOD,
    FileSays,
    parse_file,
)

_SETTLED_AFTER = 2.0
"""Some file systems keep times in seconds only: a younger change may hide a second one."""
_SCANNING = 60.0
"""A scan takes so many seconds at most: what changes meanwhile is younger than its beginning."""
Mark = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class FileReading:
    """What the file said at one time; each reading is equal to itself only.

    `problem` says what is wrong with it, or is empty. `content` is what it says as JSON, if it was
    understood as a whole, else empty. `at` is when, by a clock that is never set, in seconds.
    """

    says: FileSays
    problem: str
    content: str
    at: float


NO_FILE = FileReading(NOT_UNDERSTOOD, "", "", math.inf)
"""There is nothing to be read (any more): what was said stays, what was wrong is wrong no more."""


class DescriptionFile:
    """One directory's file; read again only when it may have changed. For one thread at a time."""

    def __init__(self, directory: str) -> None:
        """Look into the real path `directory`."""
        self.reading: FileReading | None = None
        """What was read last; None if there was no file."""
        self._path = f"{directory}/{FILE_NAME}"
        self._mark: Mark | None = None

    def look(self, now: float) -> None:
        """Bring the reading up to date at `now` (Unix seconds); whatever the file is, no error."""
        try:
            self._look(now)
        except (FileNotFoundError, NotADirectoryError):
            self.forget()  # it went between the look into the directory and now
        except OSError as error:
            self.reading, self._mark = _unreadable(error), None  # the next look may do better

    def _look(self, now: float) -> None:
        status = os.lstat(self._path)
        mark = _mark(status)
        if mark == self._mark:
            return
        changed = max(status.st_mtime, status.st_ctime)
        is_settled = not changed - _SCANNING < now < changed + _SETTLED_AFTER
        try:
            self.reading = _read(self._path)
        except OSError as error:
            if not _lasts(error, status):
                raise
            self.reading = _unreadable(error)
        self._mark = mark if is_settled else None

    def forget(self) -> None:
        """Note that there is no file."""
        self.reading, self._mark = None, None


def read_description_file(directory: str) -> FileReading | None:
    """Return what the file in the real path `directory` says now; None if there is none."""
    file = DescriptionFile(directory)
    file.look(time.time())
    return file.reading


def _read(path: str) -> FileReading:
    """Return what the file says; raise OSError if it cannot be read."""
    at = time.monotonic()
    try:
        says, problem = parse_file(read_small(path, LONGEST_FILE).decode("utf-8-sig"))
    except UnicodeDecodeError:
        says, problem = NOT_UNDERSTOOD, "It is not UTF-8."
    told = f"{FILE_NAME}: {problem}" if problem else ""
    return FileReading(says, told, "" if problem else says.as_json(), at)


def _lasts(error: OSError, status: os.stat_result) -> bool:
    """Whether this very file will never be read: other errors are of the machine, and pass."""
    return error.errno == errno.EFBIG or not S_ISREG(status.st_mode)


def _unreadable(error: OSError) -> FileReading:
    problem = f"{FILE_NAME}: It cannot be read: {error.strerror}."
    return FileReading(NOT_UNDERSTOOD, problem, "", time.monotonic())


def _mark(status: os.stat_result) -> Mark:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )
