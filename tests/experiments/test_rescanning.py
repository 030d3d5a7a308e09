"""What a look at the roots changes, and whom it concerns."""

import asyncio
import shutil
from pathlib import Path

import pytest
from house import ADA, House, snapshot
from structlog.testing import capture_logs

from tbgateway.boards import Entry
from tbgateway.discovery import Root
from tbgateway.domain.model import Board, Experiment, ExperimentState
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.rescanning import Rescanning
from tbgateway.settings import Experiments as ExperimentsSettings


@pytest.fixture
def rescanning(house: House) -> Rescanning:
    house.write("other", root="team")
    return Rescanning(
        house.store, house.roots, ExperimentsSettings(), Describing(house.store), house.clock.wall
    )


def names(experiments: tuple[Experiment, ...]) -> list[str]:
    return sorted(one.name for one in experiments)


async def on_a_board(house: House, *experiments: str) -> Board:
    await house.find(*experiments)
    board = await house.boards.create(ADA, "vision", experiments, Entry())
    await house.wait_for(board.id, lambda: len(house.links_of(board.id)) == len(experiments))
    return board


async def test_new_directories_become_experiments_once(
    house: House, rescanning: Rescanning
) -> None:
    house.write("a")
    house.write("b, with spaces")
    assert names(await rescanning.rescan()) == ["a", "b, with spaces", "other"]
    found = house.store.experiments_named("a")[0]
    assert (found.root, found.registered, found.held) == ("runs", False, False)
    assert found.state is ExperimentState.RUNNING
    before = snapshot(house.store)
    assert await rescanning.rescan() == ()
    assert snapshot(house.store) == before


async def test_growth_is_stored_but_concerns_no_board(house: House, rescanning: Rescanning) -> None:
    house.write("a", size=10)
    await rescanning.rescan()
    house.write("a", size=2000)
    assert await rescanning.rescan() == ()
    assert house.store.experiments_named("a")[0].bytes == 2000


async def test_a_change_of_state_or_problem_concerns_boards(
    house: House, rescanning: Rescanning
) -> None:
    house.write("a")
    house.write("b")
    await rescanning.rescan()
    house.write("a", age=10_000)
    assert names(await rescanning.rescan()) == ["a"]
    house.write("a", size=20)
    assert names(await rescanning.rescan()) == ["a"]
    shutil.rmtree(house.home / "runs" / "a")
    assert names(await rescanning.rescan()) == ["a"]
    assert await rescanning.rescan() == ()


async def test_many_scans_at_once_find_each_experiment_once(
    house: House, rescanning: Rescanning
) -> None:
    for number in range(20):
        house.write(f"run-{number}")
    found = await asyncio.gather(*(rescanning.rescan() for _ in range(5)))
    assert sum(len(one) for one in found) == 21
    assert len(house.store.experiments) == 21


async def test_what_is_registered_during_a_scan_is_not_made_twice(
    house: House, rescanning: Rescanning
) -> None:
    path = house.write("a")
    await asyncio.gather(rescanning.rescan(), house.experiments.register(str(path)))
    assert len(house.store.experiments_named("a")) == 1


async def test_what_was_skipped_is_said_once(house: House, rescanning: Rescanning) -> None:
    (house.home / "runs" / "ex0123456789").mkdir()
    house.write("ex0123456789")
    with capture_logs() as logs:
        await rescanning.rescan()
        await rescanning.rescan()
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
    deep = Rescanning(
        house.store, roots, ExperimentsSettings(), Describing(house.store), house.clock.wall
    )
    house.write("project/one")
    house.write("project/two")
    assert names(await deep.rescan()) == ["project/one", "project/two"]
