"""A board's logdir: one directory link per experiment, brought to exactly what is wanted.

Links are made beside the tree and renamed into it, so that a reader never sees half of one.
Nothing behind a link is ever touched, and no regular file below a directory that is not wanted is
ever deleted. Whatever happens in between, calling again heals it.
"""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR
from typing import TypeAlias

from tbgateway.domain.names import check_experiment_name, check_no_shadow

_Wanted: TypeAlias = "dict[str, str | _Wanted]"
"""A directory: links by their targets, and directories."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What was done, as names relative to the tree.

    `created` links were not there and `removed` ones not wanted; `repaired` names led elsewhere
    or belonged to something that is no link of ours. `problems` are sentences about what could
    not be brought about.
    """

    created: tuple[str, ...]
    removed: tuple[str, ...]
    repaired: tuple[str, ...]
    problems: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything was changed."""
        return bool(self.created or self.removed or self.repaired)


def reconcile(tree: Path, staging: Path, wanted: Mapping[str, str]) -> Changes:
    """Make `tree` hold a link for each name in `wanted` to its target, and nothing else.

    `staging` is a directory of our own on the same file system, outside of the tree. A target
    need not exist. Raise InvalidInputError or NamesShadowError, before anything is touched, for
    names that cannot stand in one tree; what the file system refuses is a problem, not an error.
    """
    for name in wanted:
        check_experiment_name(name)
    check_no_shadow(wanted)
    work = _Reconciliation(tree, staging)
    work.run(_nested(wanted))
    return work.changes()


def _nested(wanted: Mapping[str, str]) -> _Wanted:
    top: _Wanted = {}
    for name, target in wanted.items():
        *parents, last = name.split("/")
        directory = top
        for part in parents:
            below = directory.setdefault(part, {})
            assert isinstance(below, dict)  # noqa: S101 - no name is a prefix of another
            directory = below
        directory[last] = target
    return top


class _Reconciliation:
    """One pass over the tree; without recursion, because names may be hundreds of parts deep."""

    def __init__(self, tree: Path, staging: Path) -> None:
        self._tree = tree
        self._staging = staging
        self._created: list[str] = []
        self._removed: list[str] = []
        self._repaired: list[str] = []
        self._problems: list[str] = []

    def changes(self) -> Changes:
        return Changes(*map(tuple, (self._created, self._removed, self._repaired, self._problems)))

    def run(self, wanted: _Wanted) -> None:
        with self._telling(self._tree):
            for directory in (self._tree, self._staging):
                directory.parent.mkdir(parents=True, exist_ok=True)
                self._make_directory(directory)
            self._empty_staging()
        waiting = [(self._tree, wanted)]
        while waiting:
            directory, names = waiting.pop()
            with self._telling(directory):
                self._remove_unwanted(directory, names)
            waiting.extend(self._make_wanted(directory, names))

    def _empty_staging(self) -> None:
        for path in _entries(self._staging):
            if path.is_symlink() or not path.is_dir():
                path.unlink()

    def _remove_unwanted(self, directory: Path, names: _Wanted) -> None:
        for path in _entries(directory):
            with self._telling(path):
                self._remove_unless_wanted(path, names.get(path.name))

    def _remove_unless_wanted(self, path: Path, wanted: "str | _Wanted | None") -> None:
        """Remove what is in the way; a link's or file's name that is wanted is renamed over."""
        if _is_real_directory(path):
            if not isinstance(wanted, dict) and not self._clear(path):
                self._problems.append(
                    f"{self._name(path)!r} in the link tree is a directory that holds files of its"
                    " own: move them away"
                )
        elif wanted is None:
            self._unlink(path)

    def _make_wanted(self, directory: Path, names: _Wanted) -> Iterator[tuple[Path, _Wanted]]:
        for name, wanted in names.items():
            path = directory / name
            with self._telling(path):
                if isinstance(wanted, str):
                    self._make_link(path, wanted)
                else:
                    self._make_directory(path)
                    yield path, wanted

    def _make_directory(self, path: Path) -> None:
        if _is_real_directory(path):
            return
        if os.path.lexists(path):
            path.unlink()
            self._repaired.append(self._name(path))
        path.mkdir()

    def _make_link(self, path: Path, target: str) -> None:
        if _is_real_directory(path):
            return  # it holds files, and that was told already
        if path.is_symlink() and path.readlink() == Path(target):
            return
        done = self._repaired if os.path.lexists(path) else self._created
        staged = self._staging / secrets.token_hex(8)
        staged.symlink_to(target)
        staged.replace(path)
        done.append(self._name(path))

    def _clear(self, top: Path) -> bool:
        """Remove the links and empty directories of a directory and itself; whether it is gone."""
        order = []
        waiting = [top]
        while waiting:
            order.append(waiting.pop())
            with self._telling(order[-1]):
                for path in _entries(order[-1]):
                    if _is_real_directory(path):
                        waiting.append(path)
                    elif path.is_symlink() or not path.is_file():
                        self._unlink(path)
        for directory in reversed(order):
            with suppress(OSError):
                directory.rmdir()  # refused unless it is empty
        return not os.path.lexists(top)

    def _unlink(self, path: Path) -> None:
        done = self._removed if path.is_symlink() else self._repaired
        path.unlink()
        done.append(self._name(path))

    def _name(self, path: Path) -> str:
        inside = path.relative_to(self._tree) if path.is_relative_to(self._tree) else path
        return str(inside).encode(errors="backslashreplace").decode()

    @contextmanager
    def _telling(self, path: Path) -> Iterator[None]:
        """Let the rest go on when the file system refuses something at `path`."""
        try:
            yield
        except OSError as error:
            self._problems.append(f"{self._name(path)!r} cannot be put right: {error.strerror}")


def _entries(directory: Path) -> list[Path]:
    return sorted(directory.iterdir())


def _is_real_directory(path: Path) -> bool:
    """Whether it is one, without a look at what a link leads to: that may hang."""
    try:
        return S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
