"""What forkservers are made of: TensorBoard, the allowed plugins, and what both require."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata

from tbgateway.worker.plugin_choice import choose_plugins, installed_plugins

Mark = tuple[str, int, int]
"""A path, with the number and the time of what lies there; zeros if nothing does."""

Fingerprint = frozenset[str]
"""Differs when anything that a forkserver imports was installed, upgraded or removed."""

_ROOTS = ("tensorboard", "tensorboard-data-server")
_OURS = "tbgateway"  # its new version comes with a new gateway
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_OPTIONAL = re.compile(r";.*\bextra\b")
_SEPARATORS = re.compile(r"[-_.]+")


class Installation:
    """Looks at what is installed for the interpreter that runs this; `plugins` are allowed."""

    def __init__(self, plugins: Sequence[str]) -> None:
        self._plugins = tuple(plugins)
        self._records: tuple[str, ...] = ()

    def marks(self) -> tuple[Mark, ...]:
        """Return what differs after each installation: microseconds, and only files' times."""
        return tuple(_mark(path) for path in (*sys.path, *self._records))

    def homes(self) -> tuple[Mark, ...]:
        """Return the same of only those directories that hold what the last fingerprint tells of.

        Others in the search path may change all the time for reasons of their own.
        """
        homes = {os.path.dirname(os.path.dirname(path)) for path in self._records if path}  # noqa: PTH120 - as above
        return tuple(_mark(path) for path in (*homes, *self._records))

    def fingerprint(self) -> Fingerprint | None:
        """Return what is installed; None without TensorBoard, as in the midst of its upgrade.

        Takes tens of milliseconds, and imports none of it.
        """
        choice = choose_plugins(self._plugins, installed_plugins())
        points = (*choice.own, *choice.allowed)
        names = [*_ROOTS, *(point.dist.name for point in points if point.dist)]
        found = tuple(_with_requirements(names))
        self._records = tuple(map(_record_of, found))
        if _ROOTS[0] not in {_normal(one.name) for one in found}:
            return None
        return frozenset(
            (*(f"{one.name} = {one.value}" for one in points), *map(_described, found))
        )


def _with_requirements(names: Iterable[str]) -> Iterator[metadata.Distribution]:
    """Yield those distributions, and all that they require, as far as they are installed."""
    asked, seen = [*names], {_OURS}
    while asked:
        name = _normal(asked.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield distribution
        asked += _required(distribution)


def _required(distribution: metadata.Distribution) -> Iterator[str]:
    for line in distribution.requires or ():
        name = _NAME.match(line)
        if name is not None and not _OPTIONAL.search(line):
            yield name[0]


def _described(distribution: metadata.Distribution) -> str:
    return f"{distribution.name} {distribution.version} {_mark(_record_of(distribution))}"


def _record_of(distribution: metadata.Distribution) -> str:
    """Return a file that every installation of a distribution makes anew, "" if none is known."""
    files = distribution.files or ()
    return next((str(one.locate()) for one in files if one.name == "METADATA"), "")


def _mark(path: str) -> Mark:
    try:
        found = os.stat(path)  # noqa: PTH116 - a few of them at each look
    except OSError:
        return path, 0, 0
    return path, found.st_ino, found.st_mtime_ns


def _normal(name: str) -> str:
    return _SEPARATORS.sub("-", name).lower()
