"""What stands below one logdir root and may be an experiment."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from stat import S_ISDIR

from tbgateway.discovery.roots import Root
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.names import check_experiment_name
from tbgateway.eventfiles import Listing, is_within, printable

_LOOSE_IN_ROOT = (
    "event files lie directly in the root; name the directory above as the logdir, or move them"
)
_LOOSE_IN_PROJECT = "event files lie directly in the project; move them one level deeper"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A directory that is an experiment if it holds event files; `path` is its real path.

    `refusal` says why its name cannot be used, or is None.
    """

    name: str
    path: str
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that might be taken for an experiment, and why it is none."""

    path: str
    reason: str


class Candidates:
    """The candidates of one root; directories are read again only when they changed."""

    def __init__(self, name: str, root: Root) -> None:
        self.path = ""
        """The root's real path."""
        self.problem: str | None = None
        """Why nothing is known of the root's experiments at the moment."""
        self.by_path: dict[str, Candidate] = {}
        self.skipped: tuple[Skipped, ...] = ()
        self.relisted = False
        """Whether the last refresh read a directory again."""
        self._name = name
        self._root = root
        self._listings: dict[str, Listing] = {}

    def refresh(self, now: float) -> None:
        """Look at the root again. Never raises OSError: a missing root is a problem."""
        self._resolve()
        before, self._listings = self._listings, {}
        self.relisted = False
        try:
            top = self._refresh(self.path, before, now)
        except OSError as error:
            self._lose(f"is not there: {error.strerror}")
            return
        if top.empty:
            self._lose("is empty; is it mounted?")
            return
        self.problem = None
        unreadable = self._refresh_projects(top, before, now)
        if self.relisted or unreadable or len(before) != len(self._listings):
            self._sort([*self._entries(top), *unreadable])

    def _resolve(self) -> None:
        real = os.path.realpath(self._root.path)
        if real != self.path:
            self.path = real
            self._listings = {}

    def _lose(self, why: str) -> None:
        lost = f"logdir root {self._name!r} ({printable(str(self._root.path))}) {why}"
        self.problem = f"its {lost}"
        self._listings = {}
        self._sort([Skipped(self.path, f"the {lost}")])

    def _refresh(self, path: str, before: dict[str, Listing], now: float) -> Listing:
        status = os.lstat(path)
        if not S_ISDIR(status.st_mode):
            raise NotADirectoryError(0, "it is no directory")
        listing = before.get(path) or Listing()
        self.relisted |= listing.refresh(path, status, now)
        self._listings[path] = listing
        return listing

    def _refresh_projects(
        self, top: Listing, before: dict[str, Listing], now: float
    ) -> list[Skipped]:
        unreadable = []
        for path in top.directories if self._root.depth > 1 else ():
            try:
                self._refresh(path, before, now)
            except OSError as error:
                unreadable.append(Skipped(path, f"it cannot be read: {error.strerror}"))
        return unreadable

    def _sort(self, entries: list[Candidate | Skipped]) -> None:
        self.by_path = {one.path: one for one in entries if isinstance(one, Candidate)}
        self.skipped = tuple(one for one in entries if isinstance(one, Skipped))

    def _entries(self, top: Listing) -> Iterator[Candidate | Skipped]:
        for path, listing in self._listings.items():
            if listing.files:
                yield Skipped(path, _LOOSE_IN_ROOT if listing is top else _LOOSE_IN_PROJECT)
            if self._root.depth > 1 and listing is top:
                yield from map(self._project_link, listing.links)
                continue
            yield from map(self._candidate, listing.directories, listing.directories)
            yield from map(self._link, listing.links)

    def _candidate(self, path: str, real: str) -> Candidate:
        name = self._relative(path)
        try:
            check_experiment_name(name)
            real.encode()
        except InvalidInputError as error:
            return Candidate(name, real, error.detail)
        except UnicodeEncodeError:
            return Candidate(name, real, "Its path is not valid UTF-8.")
        return Candidate(name, real, None)

    def _link(self, path: str) -> Candidate | Skipped:
        real = os.path.realpath(path)
        if not is_within(real, self.path):
            return Skipped(path, "it is a link that leaves its logdir root")
        if len(self._relative(real).split("/")) <= self._root.depth:
            return Skipped(path, f"it is a link to {printable(real)!r}, which is looked at itself")
        return self._candidate(path, real)

    def _project_link(self, path: str) -> Skipped:
        return Skipped(path, "it is a link, and projects are real directories")

    def _relative(self, path: str) -> str:
        return path[len(self.path.rstrip("/")) + 1 :]
