import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from experiment_site import TURNS, Site
from hypothesis import given, settings
from hypothesis import strategies as st

from tbgateway.discovery import Root, Scanner


class _Vandal:
    """Does to a directory whatever users and their tools may do."""

    def __init__(self, root: Path, draw: Callable[[st.SearchStrategy[str]], str]) -> None:
        self.root = root
        self._draw = draw

    def _path(self) -> Path:
        return self.root / self._draw(_PATHS)

    def write(self) -> None:
        path = self._path()
        path.mkdir(parents=True, exist_ok=True)
        with (path / self._draw(_FILES)).open("ab") as file:
            file.write(b"x")

    def make_directory(self) -> None:
        self._path().mkdir(parents=True, exist_ok=True)

    def link(self) -> None:
        path = self._path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(self._draw(_TARGETS).format(root=self.root))

    def make_pipe(self) -> None:
        os.mkfifo(self._path())

    def remove(self) -> None:
        path = self._path()
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            shutil.rmtree(path)

    def rename(self) -> None:
        self._path().rename(self._path())


_PART = st.sampled_from(["a", "b", "c", os.fsdecode(b"\xff"), "tfevents"])
_PATHS = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_FILES = st.sampled_from(["tfevents.1", "tfevents.2", "notes"])
_TARGETS = st.sampled_from(
    ["a", "../b", "{root}", "{root}/c", "{root}/../out", "loop", "b/tfevents.1"]
)
_DEEDS = st.sampled_from(["write", "make_directory", "link", "make_pipe", "remove", "rename"])


@pytest.mark.parametrize("depth", [1, 2])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_happens_six_scans_later_it_knows_what_a_fresh_one_sees(
    depth: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve() / "runs"
        root.mkdir()
        (root.parent / "out").mkdir()
        site = Site({"runs": Root(root, depth)}, search_depth=2)
        vandal = _Vandal(root, data.draw)
        for _ in range(data.draw(st.integers(1, 4))):
            for deed in data.draw(st.lists(_DEEDS, min_size=1, max_size=8)):
                with suppress(OSError):
                    getattr(vandal, deed)()
            site.adopt()
        for _ in range(TURNS):
            report = site.look()
        fresh = Scanner({"runs": Root(root, depth)}, 2, site.clock).scan(site.known.values())
        assert report == fresh
