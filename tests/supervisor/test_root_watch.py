"""One logdir root: which directory it is, what its files are like, and that it may hang."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tbgateway.discovery import Rota
from tbgateway.domain.names import ExperimentId
from tbgateway.supervisor import root_watch
from tbgateway.supervisor.root_watch import RootWatch, identified

ONE = ExperimentId("ex0000000001")
NAME = "events.out.tfevents.1.host"
MOMENT = 0.05  # seconds


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "runs" / "a").mkdir(parents=True)
    (tmp_path / "runs" / "a" / NAME).write_bytes(b"12345")
    return tmp_path / "runs"


@pytest.fixture
def hang() -> Iterator[Callable[[], None]]:
    """Return what hangs in a thread until the test is over."""
    over = threading.Event()
    yield lambda: bool(over.wait(60)) and None
    over.set()


def put_another(root: Path) -> None:
    (root / "a" / "arriving").write_bytes(b"1234567")
    (root / "a" / "arriving").replace(root / "a" / NAME)


async def test_another_directory_under_the_same_path_is_another_root(root: Path) -> None:
    watch = RootWatch(root)
    first = await watch.identify()
    assert first is not None
    assert await watch.identify() == first
    root.rename(root.with_name("old"))
    assert await watch.identify() is None
    root.mkdir()
    assert await watch.identify() not in {None, first}
    assert repr(watch) == f"<RootWatch '{root}' <Rota of 0>>"


async def test_a_link_that_leads_elsewhere_is_another_root(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    watch = RootWatch(tmp_path / "link")
    first = await watch.identify()
    (tmp_path / "other").mkdir()
    (tmp_path / "new").symlink_to("other")
    (tmp_path / "new").replace(tmp_path / "link")
    assert await watch.identify() not in {None, first}


async def test_what_was_remembered_is_compared_with_at_the_first_look(root: Path) -> None:
    watch, paths = RootWatch(root), {ONE: str(root / "a")}
    await watch.remember(paths)
    put_another(root)
    await watch.remember(paths)  # known already: this is no new beginning
    assert await watch.look(paths) == {ONE}
    assert await watch.look(paths) == frozenset()
    assert watch.watches
    await watch.look({})
    assert not watch.watches


async def test_a_root_that_hangs_is_waited_for_once(
    root: Path, hang: Callable[[], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def identity_or_hang(path: Path) -> tuple[int, int] | None:
        asked.append(path)
        return hang() if path == root else (1, 2)

    monkeypatch.setattr(root_watch, "identity_of", identity_or_hang)
    watches = {"dead": RootWatch(root, MOMENT), "well": RootWatch(tmp_path, 60.0)}
    for _ in range(3):
        assert await identified(watches) == {"well": (1, 2)}
    assert asked.count(root) == 1
    assert asked.count(tmp_path) == 3


async def test_files_that_take_too_long_do_not_hold_up_those_who_ask(
    root: Path, hang: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rota, "remember", lambda *_: hang())
    watch = RootWatch(root, MOMENT)
    async with asyncio.timeout(30):
        for _ in range(2):
            await watch.remember({ONE: str(root / "a")})
    assert watch.busy
    assert await watch.look({ONE: str(root / "a")}) == frozenset()
