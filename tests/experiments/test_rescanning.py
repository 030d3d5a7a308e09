"""What a look at the roots changes, and whom it concerns."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from house import ADA, House, snapshot
from structlog.testing import capture_logs

from tbgateway import discovery
from tbgateway.boards import Entry
from tbgateway.discovery import Root, ScanReport
from tbgateway.domain.description_file import FILE_NAME
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Board, Experiment, ExperimentState, Replacement
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.moments import Moments
from tbgateway.experiments.rescanning import Rescanning
from tbgateway.experiments.waking import Waking
from tbgateway.settings import Experiments as ExperimentsSettings


class Scans:
    """Scans of a house, and whose boards each of them concerns."""

    def __init__(self, house: House) -> None:
        moments, self.names = Moments(), set[str]()
        self._rescanning = Rescanning(
            house.store,
            house.roots,
            ExperimentsSettings(),
            Describing(house.store),
            moments,
            house.clock.wall,
        )
        self._waking = Waking(house.store, lambda _: None)
        house.store.listen(moments)
        house.store.listen(self._hear)

    async def rescan(self) -> list[str]:
        """Return the names of the experiments that boards show otherwise now."""
        self.names.clear()
        await self._rescanning.rescan()
        return sorted(self.names)

    def _hear(self, replacements: Sequence[Replacement]) -> None:
        self.names.update(name for one in replacements for name in self._waking.concerned(*one))


@pytest.fixture
def scans(house: House) -> Scans:
    house.write("other", root="team")
    return Scans(house)


async def on_a_board(house: House, *experiments: str) -> Board:
    await house.find(*experiments)
    board = await house.boards.create(ADA, "vision", experiments, Entry())
    await house.wait_for(board.id, lambda: len(house.links_of(board.id)) == len(experiments))
    return board


async def test_new_directories_become_experiments_once(house: House, scans: Scans) -> None:
    house.write("a")
    house.write("b, with spaces")
    assert await scans.rescan() == ["a", "b, with spaces", "other"]
    found = house.store.experiments_named("a")[0]
    assert (found.root, found.registered, found.held) == ("runs", False, False)
    assert found.state is ExperimentState.RUNNING
    before = snapshot(house.store)
    assert await scans.rescan() == []
    assert snapshot(house.store) == before


async def test_growth_is_stored_but_concerns_no_board(house: House, scans: Scans) -> None:
    house.write("a", size=10)
    await scans.rescan()
    house.write("a", size=2000)
    assert await scans.rescan() == []
    assert house.store.experiments_named("a")[0].bytes == 2000


async def test_a_change_of_state_or_problem_concerns_boards(house: House, scans: Scans) -> None:
    house.write("a")
    house.write("b")
    await scans.rescan()
    house.write("a", age=10_000)
    assert await scans.rescan() == ["a"]
    house.write("a", size=20)
    assert await scans.rescan() == ["a"]
    shutil.rmtree(house.home / "runs" / "a")
    assert await scans.rescan() == ["a"]
    assert await scans.rescan() == []


async def test_many_scans_at_once_find_each_experiment_once(house: House, scans: Scans) -> None:
    for number in range(20):
        house.write(f"run-{number}")
    await asyncio.gather(*(scans.rescan() for _ in range(5)))
    assert len(house.store.experiments) == 21


async def test_what_is_registered_during_a_scan_is_not_made_twice(
    house: House, scans: Scans
) -> None:
    path = house.write("a")
    await asyncio.gather(scans.rescan(), house.experiments.register(str(path)))
    assert len(house.store.experiments_named("a")) == 1


async def test_what_was_skipped_is_said_once(house: House, scans: Scans) -> None:
    (house.home / "runs" / "ex0123456789").mkdir()
    house.write("ex0123456789")
    with capture_logs() as logs:
        await scans.rescan()
        await scans.rescan()
    told = [entry for entry in logs if entry["event"] == "not an experiment"]
    assert [Path(entry["path"]).name for entry in told] == ["ex0123456789"]
    assert "form of an id" in told[0]["reason"]


async def test_a_directory_that_vanishes_leaves_the_boards_and_comes_back(house: House) -> None:
    board = await on_a_board(house, "a", "b")
    path = house.home / "runs" / "a"
    path.rename(house.home / "away")
    await house.experiments.rescan()
    vanished = house.experiments.find("a")
    assert (vanished.problem, vanished.bytes) == ("its directory is missing", 10)
    await house.wait_for(board.id, lambda: list(house.links_of(board.id)) == ["b"])
    assert house.shown(board) == {"a": "adding", "b": "adding"}
    (house.home / "away").rename(path)
    await house.experiments.rescan()
    assert house.experiments.find("a").problem is None
    await house.wait_for(board.id, lambda: sorted(house.links_of(board.id)) == ["a", "b"])


async def test_a_renamed_directory_is_a_new_experiment_and_the_old_one_is_missing(
    house: House,
) -> None:
    board = await on_a_board(house, "a", "b")
    old = house.experiments.find("a")
    (house.home / "runs" / "a").rename(house.home / "runs" / "c")
    await house.experiments.rescan()
    assert house.experiments.find("a").id == old.id
    assert house.experiments.find("a").problem == "its directory is missing"
    assert house.experiments.find("c").problem is None
    assert house.shown(board) == {"a": "adding", "b": "adding"}


async def test_an_experiment_follows_its_root_to_another_disk(house: House) -> None:
    root = house.home / "runs"
    root.rename(house.home / "disk1")
    root.symlink_to(house.home / "disk1")
    board = await on_a_board(house, "a")
    before = house.experiments.find("a")
    assert before.path == str(house.home / "disk1" / "a")
    shutil.copytree(house.home / "disk1", house.home / "disk2")
    root.unlink()
    root.symlink_to(house.home / "disk2")
    await house.experiments.rescan()
    after = house.experiments.find("a")
    assert (after.id, after.path) == (before.id, str(house.home / "disk2" / "a"))
    assert (after.problem, after.bytes) == (None, before.bytes)
    await house.wait_for(board.id, lambda: house.links_of(board.id) == {"a": after.path})


async def test_a_root_that_is_not_mounted_costs_no_experiment(house: House) -> None:
    board = await on_a_board(house, "a", "b")
    await house.experiments.complete("a", by="ada")
    root = house.home / "runs"
    root.rename(house.home / "unmounted")
    for mount_point in (False, True):
        if mount_point:
            root.mkdir()
        await house.experiments.rescan()
        assert len(house.store.experiments) == 2
        assert all("logdir root 'runs'" in str(one.problem) for one in house.experiments.list())
        assert house.shown(board) == {"a": "added", "b": "adding"}
    root.rmdir()
    (house.home / "unmounted").rename(root)
    await house.experiments.rescan()
    assert house.experiments.find("a").state is ExperimentState.COMPLETED
    assert not any(one.problem for one in house.experiments.list())
    await house.wait_for(board.id, lambda: sorted(house.links_of(board.id)) == ["a", "b"])


async def test_with_two_levels_experiments_are_named_project_and_run(house: House) -> None:
    roots = {"runs": Root(house.home / "runs", depth=2)}
    house.roots = roots
    house.write("project/one")
    house.write("project/two")
    assert await Scans(house).rescan() == ["project/one", "project/two"]


# --- beside other changes


@asynccontextmanager
async def scanning(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Hold a scan up between its look at the files and what it stores; then scan once more."""
    scanner = house.experiments._rescanning._scans["runs"].scanner
    looked, go_on, scan = Event(), Event(), scanner.scan

    def slow(known: Sequence[Experiment], taken: Collection[str]) -> ScanReport:
        report = scan(known, taken)
        looked.set()
        go_on.wait(60)
        return report

    with monkeypatch.context() as patched:
        patched.setattr(scanner, "scan", slow)
        held_up = asyncio.ensure_future(house.experiments.rescan())
        while not looked.is_set():
            await asyncio.sleep(0.001)
        yield
        go_on.set()
        await held_up
    await house.experiments.rescan()


def state_of(house: House) -> tuple[str, str]:
    experiment = house.experiments.find("a")
    return experiment.state.value, experiment.reason


@pytest.mark.parametrize("growth", ["before the end", "with the next scan"])
async def test_a_scan_that_measured_before_an_end_undoes_nothing_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch, growth: str
) -> None:
    await house.find("a")
    async with scanning(house, monkeypatch):
        house.write("a", size=60)
        await house.experiments.stop("a", reason="enough", by="ada")
        if growth != "before the end":
            house.write("a", size=70)
    if growth == "before the end":
        assert state_of(house) == ("stopped", "enough")
        assert house.experiments.find("a").complete_bytes == 60
    else:
        assert state_of(house) == ("running", "new events after it was stopped")


async def test_an_end_that_was_measured_before_a_scan_ends_what_the_scan_saw(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.find("a")
    measure, measured, go_on = discovery.measure, Event(), Event()

    def slow(*given: Any) -> Measurement:
        seen = measure(*given)
        measured.set()
        go_on.wait(60)
        return seen

    monkeypatch.setattr(discovery, "measure", slow)
    ending = asyncio.ensure_future(house.experiments.complete("a", by="ada"))
    while not measured.is_set():
        await asyncio.sleep(0.001)
    house.write("a", size=60)
    await house.experiments.rescan()
    go_on.set()
    assert (await ending).complete_bytes == 60
    await house.experiments.rescan()
    assert state_of(house) == ("completed", "completed by ada")


async def test_what_is_forgotten_while_it_is_scanned_stays_forgotten(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = house.write("a/nested")
    await house.experiments.register(str(path))
    (path / FILE_NAME).write_text('{"notes": "n", "state": "failed"}')
    async with scanning(house, monkeypatch), house.store.transaction() as tx:
        tx.drop(house.experiments.find("a/nested"))
    assert not house.store.experiments_named("a/nested")
    known = house.store.experiments
    assert all(one in known for one in house.store.descriptions)


async def test_who_began_is_remembered_until_a_scan_that_began_later_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = house.write("a")
    begun = house.experiments._describing._begun
    async with scanning(house, monkeypatch):
        made = await house.experiments.register(str(path), lease=60.0)
        assert made.id in begun
    assert not begun
