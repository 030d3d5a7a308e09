"""Where the event files of an experiment go.

A directory that this machine shares with the gateway, if there is one, else one of this machine's
own. What brings files to a gateway elsewhere, over the network, would begin at `Places`: it decides
what a script's writers get, and learns whether the gateway saw it.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tbgateway.client import Logdir
from tbgateway.domain.errors import InvalidInputError

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
    `made` is False where the directory was there before.
    """

    directory: Path
    name: str
    made: bool = True
    root: Root | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Finds and makes the directory of one experiment; `given` is the one that a script named."""

    name: str
    given: Path | None = None
    resume: bool = False

    def find(self, root: Root) -> Place:
        """Return a place below the gateway's root if there is one here, else a local one."""
        if not root.path.is_dir():
            return self.local(f"{root.path}, where it keeps new experiments, is not there")
        try:
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
        return Place(directory=place.directory, name=place.name, made=place.made, why=why)

    def instead(self, refused: Place, why: str) -> Place:
        """Return a local place for one that the gateway does not see, which goes away."""
        if refused.root is None:
            return refused
        if refused.made:
            with suppress(OSError):  # somebody put something there meanwhile
                refused.directory.rmdir()
        return self.local(why)

    def given_one(self) -> Place | None:
        """Return the place that the script named, if it did.

        Raise InvalidInputError if nothing can be written there.
        """
        directory = self.given
        if directory is None:
            return None
        try:
            made = not directory.exists()
            directory.mkdir(parents=True, exist_ok=True)
            _check_writable(directory)
        except OSError as error:
            raise InvalidInputError(
                f"No event files can be written to {str(directory)!r}: {error.strerror}.",
                hint="Give a directory of your own, or none.",
                field="logdir",
            ) from error
        return Place(directory=directory, name=self.name, made=made)

    def _made(self, base: Path, components: tuple[str, ...], root: Root | None) -> Place:
        """Make a directory of this name, or with a number behind it. Raise OSError."""
        parent = base.joinpath(*components[:-1])
        parent.mkdir(parents=True, exist_ok=True)
        if self.resume and (parent / components[-1]).is_dir():
            _check_writable(parent / components[-1])
            return Place(directory=parent / components[-1], name=self.name, made=False, root=root)
        suffix = _make_in(parent, components[-1])
        directory = parent / f"{components[-1]}{suffix}"
        return Place(directory=directory, name=f"{self.name}{suffix}", root=root)


def suffixes() -> Iterator[str]:
    """Yield what makes a name another one: nothing, then -2, -3 and so on."""
    yield ""
    yield from (f"-{number}" for number in itertools.count(2))


def _make_in(parent: Path, name: str) -> str:
    """Make a directory that was not there; return what had to be put behind its name."""
    taken: frozenset[str] = frozenset()
    for suffix in itertools.islice(suffixes(), _MOST_TRIES):
        if f"{name}{suffix}" in taken:
            continue
        try:
            (parent / f"{name}{suffix}").mkdir()
        except FileExistsError:
            taken = taken or frozenset(one.name for one in parent.iterdir())
        else:
            return suffix
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
