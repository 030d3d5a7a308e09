"""The event files below one directory: recognised, measured, and measured again cheaply.

Nothing that may stand in a file system is an error here: what vanishes, cannot be read, loops or
is no regular file is passed over or told as a problem. Links are followed inside the logdir root
only. All times are Unix seconds.
"""

import os
import time
from collections import deque
from dataclasses import dataclass, field, replace
from stat import S_ISDIR, S_ISREG
from typing import Literal

from tbgateway.domain.description_file import FILE_NAME
from tbgateway.domain.experiment_state import MISSING, Measurement

_SETTLED_AFTER = 2.0
"""Some file systems keep times in seconds only: a younger change may hide a second one."""
_READ_AGAIN_AFTER = 600.0
"""Not every file system touches a directory when its entries change (FUSE, object stores)."""
_MOST_DIRECTORIES = 10_000
"""TensorBoard follows links at any depth, so all directories are checked for them."""
_MOST_FILES = 1000
"""So many event files of one experiment are named; all of them are measured."""
_AHEAD = 86_400.0
"""Clocks of other machines may be ahead so far; anybody may give a file any time at all."""


def is_event_file(name: str) -> bool:
    """Whether TensorBoard takes a file called `name` for an event file: its own rule."""
    return "tfevents" in name


def is_within(path: str, directory: str) -> bool:
    """Whether the real path `path` is the real path `directory` or lies below it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def printable(path: str) -> str:
    """Return `path` as text that can be logged, sent and stored; undecodable bytes as escapes."""
    return os.fsencode(path).decode(errors="backslashreplace")


class Listing:
    """What matters of one directory's entries; read again only when they may have changed.

    All entries are full paths. `odd` are those called like an event file that are no regular file;
    `described` is whether there is anything called like the file in which scripts say more.
    """

    __slots__ = (
        *("_changed", "_trusted_until"),
        *("described", "directories", "empty", "files", "links", "odd"),
    )

    def __init__(self) -> None:
        self._changed: tuple[int, int, int, int] | None = None
        self._trusted_until = 0.0
        self._take([])

    def refresh(self, path: str, status: os.stat_result, now: float) -> bool:
        """Bring the entries of the directory `path` up to date; return whether they were read.

        `status` is the directory's own, taken at `now` or later. Raises OSError.
        """
        changed = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        if changed == self._changed and now < self._trusted_until:
            return False
        self._changed = None
        with os.scandir(path) as entries:
            self._take(list(entries))
        self._changed = changed
        settled = now - max(status.st_mtime, status.st_ctime) > _SETTLED_AFTER
        self._trusted_until = now + _READ_AGAIN_AFTER if settled else 0.0
        return True

    def _take(self, entries: list["os.DirEntry[str]"]) -> None:
        kinds: dict[str, list[str]] = {}
        for entry in entries:
            kinds.setdefault(_kind(entry), []).append(entry.path)
        self.directories = tuple(kinds.get("directory", ()))
        self.files = tuple(kinds.get("event file", ()))
        self.links = tuple(kinds.get("link", ()))
        self.odd = tuple(kinds.get("odd", ()))
        self.empty = not entries
        self.described = any(entry.name == FILE_NAME for entry in entries)


def _kind(entry: "os.DirEntry[str]") -> Literal["link", "directory", "event file", "odd", "other"]:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    if not is_event_file(entry.name):
        return "other"
    return "event file" if entry.is_file(follow_symlinks=False) else "odd"


class EventFiles:
    """The event files of one experiment; remembers what it saw, so that looking again is cheap."""

    def __init__(self, path: str, root: str, search_depth: int) -> None:
        """Watch the real path `path` in the real path `root`, `search_depth` levels below it."""
        self.path = path
        self.root = root
        self._search_depth = search_depth
        self._listings: dict[str, Listing] = {}
        self._newest = 0.0
        self.measurement: Measurement | None = None
        """What was seen last; None before the first look."""
        self.stirred_at = 0.0
        """When something last changed, as far as is known."""

    @property
    def described(self) -> bool:
        """Whether the last look saw a file beside them in which their script says more."""
        listing = self._listings.get(self.path)
        return listing is not None and listing.described

    def measure(self, now: float) -> Measurement:
        """Look at the files; a directory that cannot be read is told as a problem."""
        at = time.monotonic()
        survey = _Survey(self.path, self.root, self._search_depth, now, self._listings)
        measurement = replace(survey.run(), at=at)
        self._listings = survey.listings
        if self.measurement is None:
            self.stirred_at = max(survey.newest, measurement.last_event_at or 0.0)
        elif (measurement, survey.newest) != (self.measurement, self._newest):
            self.stirred_at = now
        self.measurement, self._newest = measurement, survey.newest
        return measurement


def measure(path: str, root: str, search_depth: int) -> Measurement:
    """Measure the real path `path`, which lies in the real path `root`, once."""
    return EventFiles(path, root, search_depth).measure(time.time())


@dataclass(frozen=True, slots=True)
class EventFile:
    """An event file at its real path; `run` is where TensorBoard shows it below its experiment."""

    run: str
    path: str


def find(path: str, root: str, search_depth: int) -> tuple[EventFile, ...]:
    """Return the event files of the real path `path`, which lies in the real path `root`.

    They are in the order in which TensorBoard reads them, a thousand at most.
    """
    survey = _Survey(path, root, search_depth, time.time(), {})
    survey.run()
    runs = {real: _run(shown, path, root) for real, shown in survey.files.items()}
    in_order = sorted(runs, key=lambda real: (runs[real], real.rpartition("/")[2]))
    return tuple(EventFile(runs[real], real) for real in in_order[:_MOST_FILES])


def _run(shown: str, path: str, root: str) -> str:
    directory = shown.rpartition("/")[0]
    return printable(os.path.relpath(directory, path if is_within(directory, path) else root))


@dataclass(slots=True)
class _Survey:
    """One look at an experiment: `known` are the listings of the look before."""

    path: str
    root: str
    search_depth: int
    now: float
    known: dict[str, Listing]
    listings: dict[str, Listing] = field(default_factory=dict)
    newest: float = 0.0
    """The newest modification time of a directory."""
    files: dict[str, str] = field(default_factory=dict)
    """The event files' real paths, and where they were found."""
    _bytes: int = 0
    _last_event_at: float | None = None
    _problem: str | None = None
    _unreadable: str | None = None
    _entered: set[tuple[int, int]] = field(default_factory=set)
    _waiting: deque[tuple[str, int]] = field(default_factory=deque)
    """Directories and their depths; nearer ones first, whichever way leads to them."""

    def run(self) -> Measurement:
        refusal = self._begin()
        if refusal is not None:
            return refusal
        while self._waiting:
            if len(self._entered) >= _MOST_DIRECTORIES:
                self._problem = (
                    f"it holds more than {_MOST_DIRECTORIES} directories: too many to check"
                )
                break
            self._enter(*self._waiting.popleft())
        problem = self._problem or (self._unreadable if self._last_event_at is None else None)
        return Measurement(bytes=self._bytes, last_event_at=self._last_event_at, problem=problem)

    def _begin(self) -> Measurement | None:
        """Enter the experiment's own directory, or say why it cannot be measured."""
        try:
            status = _status_without_links(self.path, self.root)
            if status is not None:
                self._list(self.path, status, 0)
                return None
        except (FileNotFoundError, NotADirectoryError):
            return MISSING
        except OSError as error:
            return _nothing(f"its directory cannot be read: {error.strerror}")
        return _nothing("its directory was replaced by a link or a file")

    def _enter(self, path: str, depth: int) -> None:
        try:
            status = os.lstat(path)
            if S_ISDIR(status.st_mode):
                self._list(path, status, depth)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self._unreadable = f"{self._inner(path)} in it cannot be read: {error.strerror}"

    def _list(self, path: str, status: os.stat_result, depth: int) -> None:
        identity = (status.st_dev, status.st_ino)
        if identity in self._entered:
            return
        self._entered.add(identity)
        self.newest = max(self.newest, self._changed_at(status))
        listing = self.known.get(path) or Listing()
        listing.refresh(path, status, self.now)
        self.listings[path] = listing
        self._read(listing, depth)

    def _read(self, listing: Listing, depth: int) -> None:
        for path in listing.files:
            self._weigh(path, depth, path)
        for path in listing.odd:
            self._refuse_odd(path)
        for path in listing.links:
            self._follow(path, depth)
        self._waiting.extend((path, depth + 1) for path in listing.directories)

    def _weigh(self, path: str, depth: int, shown: str) -> None:
        if depth > self.search_depth:
            return
        try:
            status = os.lstat(path)
        except OSError:
            return
        if S_ISREG(status.st_mode):
            self.files[path] = shown
            self._bytes += status.st_size
            self._last_event_at = max(self._last_event_at or 0.0, self._changed_at(status))

    def _changed_at(self, status: os.stat_result) -> float:
        """Return when it was written to; if that is absurd, when the file system saw a change."""
        times = (status.st_mtime, status.st_ctime)
        return next((one for one in times if 0.0 <= one <= self.now + _AHEAD), 0.0)

    def _refuse_odd(self, path: str) -> None:
        # Opening a pipe for reading blocks until somebody writes to it: a whole board would hang.
        self._problem = f"{self._inner(path)} in it has an event file's name but is no regular file"

    def _follow(self, link: str, depth: int) -> None:
        path = os.path.realpath(link)
        if not is_within(path, self.root):
            self._problem = f"{self._inner(link)} in it is a link that leaves its logdir root"
            return
        try:
            mode = os.lstat(path).st_mode
        except OSError:
            return
        if S_ISDIR(mode):
            self._waiting.append((path, depth + 1))
        elif is_event_file(link.rpartition("/")[2]):
            if S_ISREG(mode):
                self._weigh(path, depth, link)
            else:
                self._refuse_odd(path)

    def _inner(self, path: str) -> str:
        return repr(printable(os.path.relpath(path, self.path)))


def _status_without_links(path: str, root: str) -> os.stat_result | None:
    """Return the directory's status, or None if a part of `path` below `root` is no directory."""
    reached = root.rstrip("/")
    status = None
    for part in path[len(reached) :].strip("/").split("/"):
        reached = f"{reached}/{part}"
        status = os.lstat(reached)
        if not S_ISDIR(status.st_mode):
            return None
    return status


def _nothing(problem: str) -> Measurement:
    return Measurement(bytes=0, last_event_at=None, problem=problem)
