"""What holds for link trees whatever stands in them and whenever a call is cut short."""

import os
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_site import NOTHING, Site, entries

from tbgateway.linktree import Changes

_PART = st.sampled_from(["a", "b", "c d", "é,%#", "x"])
_NAME = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_EXPERIMENT = st.sampled_from(["a", "b", "c", "missing"])
_JUNK = st.sampled_from(["link", "own link", "file", "directory", "pipe", "socket", "loop"])


@st.composite
def _wanted(draw: st.DrawFn) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for name, experiment in draw(st.dictionaries(_NAME, _EXPERIMENT, max_size=6)).items():
        if not any(f"{name}/".startswith(f"{o}/") or o.startswith(f"{name}/") for o in wanted):
            wanted[name] = experiment
    return wanted


def _strew(site: Site, path: Path, kind: str) -> None:
    """Put something into a tree; what does not work there is left out."""
    makers: dict[str, Callable[[], object]] = {
        "link": lambda: path.symlink_to("/etc"),
        "own link": lambda: path.symlink_to(site.target("a")),
        "file": lambda: path.write_text("junk"),
        "directory": lambda: path.mkdir(parents=True),
        "pipe": lambda: os.mkfifo(path),
        "socket": lambda: _bind(path),
        "loop": lambda: path.symlink_to(path.name),
    }
    if any(parent.is_symlink() for parent in (path, *path.parents)):
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        makers[kind]()


def _bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def _files(tree: Path) -> set[Path]:
    return {path for path in tree.rglob("*") if path.is_file() and not path.is_symlink()}


@settings(max_examples=150, deadline=None)
@given(wanted=_wanted(), junk=st.dictionaries(_NAME, _JUNK, max_size=8))
def test_any_tree_becomes_what_is_wanted(wanted: dict[str, str], junk: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        site = Site(Path(directory))
        targets = {name: site.target(experiment) for name, experiment in wanted.items()}
        site.tree.mkdir(parents=True)
        for name, kind in junk.items():
            _strew(site, site.tree / name, kind)
        changes = site.reconcile(targets)
        again = site.reconcile(targets)
        assert again == Changes((), (), (), changes.problems)
        site.check_events()
        kept = _files(site.tree)
        assert bool(kept) == bool(changes.problems)
        for path in kept:
            path.unlink()
        site.reconcile(targets)
        assert site.links() == targets
        assert site.reconcile(targets) == NOTHING


class _KilledError(BaseException):
    """Stands for a kill: nothing catches it."""


class _Fuse:
    """Lets a number of file system calls pass and ends the process, so to speak, at the next."""

    NAMES = ("mkdir", "symlink", "rename", "replace", "unlink", "rmdir")

    def __init__(self, patch: pytest.MonkeyPatch, length: int) -> None:
        self._left = length
        for name in self.NAMES:
            patch.setattr(os, name, self._fused(getattr(os, name)))

    def _fused(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            if self._left == 0:
                raise _KilledError
            self._left -= 1
            return real(*args, **options)

        return call


@settings(max_examples=60, deadline=None)
@given(before=_wanted(), after=_wanted(), moment=st.integers(0, 25))
def test_a_kill_at_any_moment_is_healed_by_the_next_call(
    before: dict[str, str], after: dict[str, str], moment: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        site = Site(Path(directory))
        old = {name: site.target(experiment) for name, experiment in before.items()}
        new = {name: site.target(experiment) for name, experiment in after.items()}
        site.reconcile(old)
        with pytest.MonkeyPatch.context() as patch, suppress(_KilledError):
            _Fuse(patch, moment)
            site.reconcile(new)
        halfway = {
            str(path.relative_to(site.tree)): str(path.readlink())
            for path in site.tree.rglob("*")
            if path.is_symlink()
        }
        assert halfway.items() <= old.items() | new.items()
        assert site.reconcile(new).problems == ()
        assert site.links() == new
        assert entries(site.staging) == []
        site.check_events()
