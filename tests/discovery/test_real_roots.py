"""Where roots really are, also while one of them hangs."""

import os
import threading
from pathlib import Path

import pytest

from tbgateway.discovery import RealRoots, Root

PATIENCE = 1.0  # seconds


async def test_links_are_followed_each_time(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "runs").symlink_to("old")
    roots = RealRoots({"runs": Root(tmp_path / "runs", depth=2)})
    found = await roots.now()
    assert found == {"runs": Root(tmp_path / "runs", 2, str(tmp_path / "old"))}
    (tmp_path / "runs").unlink()
    (tmp_path / "runs").symlink_to("new")
    assert (await roots.now())["runs"].real == str(tmp_path / "new")


@pytest.mark.parametrize("seen", [True, False])
async def test_a_root_that_hangs_is_where_it_was_seen_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, seen: bool
) -> None:
    (tmp_path / "dead").mkdir()
    (tmp_path / "link").symlink_to("dead")
    roots = RealRoots({"dead": Root(tmp_path / "link"), "runs": Root(tmp_path)}, PATIENCE)
    if seen:
        await roots.now()
    back, realpath = threading.Event(), os.path.realpath

    def hanging(path: Path) -> str:
        if path.name == "link":
            back.wait(60)
        return realpath(path)

    monkeypatch.setattr(os.path, "realpath", hanging)
    found = await roots.now()
    back.set()
    assert found["dead"].real == str(tmp_path / ("dead" if seen else "link"))
    assert found["runs"].real == str(tmp_path)
