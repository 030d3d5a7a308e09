"""Where the event files of an experiment go.

A directory that this machine shares with the gateway, if there is one, else one of this machine's
own. What brings files to a gateway elsewhere, over the network, would begin at `Places`: it decides
what a script's writers get, and learns whether the gateway saw it.
"""

import itertools
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from tbgateway.client import Logdir
from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.directories import make_directories
from tbgateway.training.holding import Hold, hold
from tbgateway.training.record_file import name_in

LOCAL = "runs"
"""Below the working directory: where files go that no gateway sees."""
_ALONE = "experiments"
"""The project of experiments that name none, where a root wants one."""
_LONGEST_COMPONENT = 240  # bytes; leaves room for a number behind it
_MOST_TRIES = 10_000


@dataclass(frozen=True, slots=True)
class Root:
    """Where a gateway wants new experiments: `depth` levels below `path`."""

    path: Path
    depth: int

    @classmethod
    def of(cls, logdir: Logdir) -> Self:
        """Return what the gateway told."""
        return cls(Path(logdir.path), logdir.depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A directory for an experiment called `name`.

    `root` is the gateway's that it lies below, if it does, and `why` says why it does not.
    `made` is False where the directory was there before. `hold` keeps others out of it, but for a
    guest, who was sent into a directory that another live script holds. `notice` is what a person
    did not expect of it.
    """

    directory: Path
    name: str
    made: bool = True
    root: Root | None = None
    why: str = ""
    notice: str = ""
    is_guest: bool = False
    hold: Hold = field(default_factory=Hold, compare=False)


@dataclass(frozen=True, slots=True)
class Places:
    """Finds and makes the directory of one experiment; `given` is the one that a script named."""

    name: str
    given: Path | None = None
    resume: bool = False

    def find(self, root: Root) -> Place:
        """Return a place below the gateway's root if there is one here, else a local one."""
        try:
            if not root.path.is_dir():
                return self.local(f"{root.path}, where it keeps new experiments, is not there")
            return self._made(root.path, _components(self.name, root.depth), root)
        except OSError as error:
            return self.local(f"in {root.path} nothing can be made: {error.strerror}")

    def local(self, why: str = "") -> Place:
        """Return a place of this machine's own."""
        try:
            base = Path(LOCAL).absolute()
            base.mkdir(exist_ok=True)
            place = self._made(base, _components(self.name, self.name.count("/") + 1), None)
        except OSError:
            directory = Path(tempfile.mkdtemp(prefix="tbgateway-"))
            place = Place(directory=directory, name=self.name)
        return replace(place, why=why)

    def instead(self, refused: Place, why: str) -> Place:
        """Return a local place for one that the gateway does not see, which goes away."""
        if refused.root is None:
            return refused
        refused.hold.release()
        if refused.made:
            with suppress(OSError):  # somebody put something there meanwhile
                refused.directory.rmdir()
        return self.local(why)

    def given_one(self) -> Place | None:
        """Return the place that the script named, if it did.

        Raise InvalidInputError if nothing can be written there.
        """
        made = self.given is not None and not self.given.exists()
        directory = self.given_directory()
        if directory is None:
            return None
        held = hold(directory)
        if held is not None:
            return Place(directory=directory, name=self.name, made=made, hold=held)
        notice = (
            f"A script that is still running uses {directory}, too: how the experiment ends is"
            " told by that one alone."
        )
        return Place(directory=directory, name=self.name, made=made, notice=notice, is_guest=True)

    def given_directory(self) -> Path | None:
        """Return the directory that the script named, if it did: it is there. Raise as above."""
        directory = self.given
        if directory is None:
            return None
        try:
            directory.mkdir(parents=True, exist_ok=True)
            _check_writable(directory)
        except OSError as error:
            raise InvalidInputError(
                f"No event files can be written to {str(directory)!r}: {error.strerror}.",
                hint="Give a directory of your own, or none.",
                field="logdir",
            ) from error
        return directory

    def _made(self, base: Path, components: tuple[str, ...], root: Root | None) -> Place:
        """Make a directory of this name, or with a number behind it. Raise OSError."""
        parent = base.joinpath(*components[:-1])
        make_directories(parent, stat.S_IMODE(base.stat().st_mode))  # it is everybody's as well
        there, obstacle = parent / components[-1], ""
        if self.resume and there.is_dir():
            held, obstacle = self._resumed(there, "/".join(components))
            if held is not None:
                return Place(directory=there, name=self.name, made=False, root=root, hold=held)
        suffix, held = _make_in(parent, components[-1])
        place = Place(
            directory=parent / f"{components[-1]}{suffix}",
            name=f"{self.name}{suffix}",
            root=root,
            hold=held,
        )
        notice = f"It is not resumed, and begins anew in {place.directory}: {obstacle}."
        return replace(place, notice=notice if obstacle else "")

    def _resumed(self, directory: Path, usual_name: str) -> tuple[Hold | None, str]:
        """Hold what was there before, or say why this cannot go on in it. Raise OSError.

        Two names may lead to one directory. Where it does not say whose it is, it is that of the
        `usual_name`.
        """
        _check_writable(directory)
        held = hold(directory)
        if held is None:
            return None, f"a script that is still running uses {directory}"
        whose = name_in(directory) or usual_name
        if whose == self.name:
            return held, ""
        held.release()
        return None, f"{directory} is of the experiment {whose!r}"


def suffixes() -> Iterator[str]:
    """Yield what makes a name another one: nothing, then -2, -3 and so on."""
    yield ""
    yield from (f"-{number}" for number in itertools.count(2))


def _make_in(parent: Path, name: str) -> tuple[str, Hold]:
    """Make a directory that was not there; return what had to be put behind its name.

    Whoever resumes at this moment may be faster to hold it: then it is theirs.
    """
    taken: frozenset[str] = frozenset()
    for suffix in itertools.islice(suffixes(), _MOST_TRIES):
        if f"{name}{suffix}" in taken:
            continue
        try:
            (parent / f"{name}{suffix}").mkdir()
        except FileExistsError:
            taken = taken or frozenset(one.name for one in parent.iterdir())
        else:
            held = hold(parent / f"{name}{suffix}")
            if held is not None:
                return suffix, held
    raise FileExistsError(17, "there are too many of this name", str(parent / name))


def _components(name: str, depth: int) -> tuple[str, ...]:
    """Return the directories of a name, exactly as many as the root is deep."""
    parts = name.split("/")
    parts = [*itertools.repeat(_ALONE, depth - len(parts)), *parts]
    return tuple(map(_short, (*parts[: depth - 1], "-".join(parts[depth - 1 :]))))


def _short(component: str) -> str:
    return component.encode()[:_LONGEST_COMPONENT].decode(errors="ignore")


def _check_writable(directory: Path) -> None:
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(13, "it may not be written", str(directory))
