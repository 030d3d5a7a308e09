"""Waiting until a board shows its experiments, and until these have finished."""

import asyncio
from collections.abc import Awaitable

import pytest
from house import ADA, House

from tbgateway.boards import Entry
from tbgateway.domain.errors import BoardFailedError, BoardPausedError, NotFoundError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board


async def board_with(house: House, *experiments: str) -> Board:
    await house.find(*experiments)
    return await house.boards.create(ADA, "vision", experiments, Entry())


async def waiting(house: House, board: Board, wait: Awaitable[bool]) -> "asyncio.Future[bool]":
    """Begin to wait; return when the board runs and the wait goes on."""
    future = asyncio.ensure_future(wait)
    await house.wait_for(board.id, lambda: house.boards.status(board).state is BoardState.RUNNING)
    await asyncio.sleep(0)
    assert not future.done()
    return future


async def test_waiting_wakes_the_board_and_ends_when_all_is_visible(house: House) -> None:
    board = await board_with(house, "a", "b")
    assert [view.visible for view in house.boards.memberships(board)] == [None, None]
    assert await house.boards.wait(board, "visible", seconds=30)
    assert [view.visible for view in house.boards.memberships(board)] == [True, True]
    assert house.boards.status(board).visible == {
        view.experiment.id for view in house.boards.memberships(board)
    }


async def test_a_board_without_experiments_is_waited_for_until_it_runs(house: House) -> None:
    board = await board_with(house)
    assert await house.boards.wait(board, "added", seconds=30)
    assert house.boards.status(board).state is BoardState.RUNNING


async def test_what_is_not_reached_in_time_is_said_and_goes_on(house: House) -> None:
    board = await board_with(house, "a")
    house.launcher.hold = True
    assert not await house.boards.wait(board, "visible", seconds=0.1)
    assert house.boards.status(board).state is BoardState.STARTING
    await house.launcher.release(house.launch_of(board.id))
    assert await house.boards.wait(board, "visible", seconds=30)
    assert not await house.boards.wait(board, "added", seconds=0)


@pytest.mark.parametrize("end", ["complete", "fail", "silence"])
async def test_added_means_that_the_experiment_is_over_however_it_ended(
    house: House, end: str
) -> None:
    board = await board_with(house, "a", "b")
    await house.experiments.complete("b", by="ada")
    future = await waiting(house, board, house.boards.wait(board, "added", seconds=30))
    if end == "complete":
        await house.experiments.complete("a", by="ada")
    elif end == "fail":
        await house.experiments.fail("a", reason="NaN", by="ada")
    else:
        house.write("a", age=1000.0)
        await house.experiments.rescan()
    assert await future
    assert house.shown(board) == {"a": "added", "b": "added"}


@pytest.mark.parametrize("what", ["directory", "event files"])
async def test_an_experiment_whose_files_are_gone_is_over_after_a_while(
    house: House, what: str
) -> None:
    house.write("b")  # an empty root would be taken for one that is not mounted
    board = await board_with(house, "a")
    directory = house.write("a", age=880.0)
    await house.experiments.rescan()
    future = await waiting(house, board, house.boards.wait(board, "added", seconds=30))
    for file in directory.iterdir():
        file.unlink()
    if what == "directory":
        directory.rmdir()
    await house.experiments.rescan()
    assert house.shown(board) == {"a": "adding"}
    house.clock.ahead += 30.0
    await house.experiments.rescan()
    assert await future
    gone = house.experiments.find("a")
    assert (gone.state, gone.reason) == ("stopped", "its event files are gone")
    house.write("a")
    await house.experiments.rescan()
    assert house.experiments.find("a").problem is None
    assert house.shown(board) == {"a": "adding"}


async def test_an_experiment_with_a_problem_holds_nobody_up(house: House) -> None:
    board = await board_with(house, "a", "b")
    (house.home / "runs" / "b" / "out").symlink_to(house.home)
    await house.experiments.rescan()
    assert await house.boards.wait(board, "visible", seconds=30)
    problems = {view.name: view.problem for view in house.boards.memberships(board)}
    assert problems["a"] is None
    assert "link that leaves its logdir root" in str(problems["b"])
    assert list(house.links_of(board.id)) == ["a"]


async def test_a_removal_is_waited_for(house: House) -> None:
    board = await board_with(house, "a", "b")
    assert await house.boards.wait(board, "visible", seconds=30)
    await house.boards.change_experiments(ADA, "vision", remove=["a"])
    assert await house.boards.wait(board, "visible", seconds=30)
    assert house.shown(board) == {"b": "adding"}


async def test_a_removal_from_a_sleeping_board_starts_nothing_and_waits_for_nothing_else(
    house: House,
) -> None:
    board = await board_with(house, "a", "b")
    await house.boards.change_experiments(ADA, "vision", remove=["a"])
    assert await house.boards.wait(board, "removed", seconds=30)
    assert [view.name for view in house.boards.memberships(board)] == ["b"]
    assert house.boards.status(board).generation == 0


async def test_nobody_waits_for_a_board_that_failed(house: House) -> None:
    board = await board_with(house, "a")
    house.launcher.refusal = "no memory left"
    for _ in range(2):
        with pytest.raises(BoardFailedError, match="no memory left"):
            await house.boards.wait(board, "visible", seconds=30)
    house.launcher.refusal = ""
    await house.boards.start(ADA, "vision")
    assert await house.boards.wait(board, "visible", seconds=30)


async def test_a_board_that_fails_meanwhile_is_not_taken_for_done(house: House) -> None:
    board = await board_with(house, "a")
    future = await waiting(house, board, house.boards.wait(board, "added", seconds=30))
    house.launcher.refusal = "no memory left"
    await house.launcher.crash(house.launch_of(board.id))
    with pytest.raises(BoardFailedError, match="no memory left"):
        await future


async def test_nobody_waits_for_a_board_that_somebody_stopped(house: House) -> None:
    board = await board_with(house, "a")
    await house.boards.pause(ADA, "vision")
    with pytest.raises(BoardPausedError, match="stopped by somebody") as refused:
        await house.boards.wait(board, "visible", seconds=30)
    assert refused.value.command == "tbgateway board start vision"
    assert not await house.launcher.observe()
    await house.boards.start(ADA, "vision")
    future = await waiting(house, board, house.boards.wait(board, "added", seconds=30))
    await house.boards.pause(ADA, "vision")
    with pytest.raises(BoardPausedError):
        await future


async def test_nobody_waits_for_a_board_that_is_deleted(house: House) -> None:
    board = await board_with(house, "a")
    future = await waiting(house, board, house.boards.wait(board, "added", seconds=30))
    await house.boards.delete(ADA, "vision")
    with pytest.raises(NotFoundError):
        await future
    with pytest.raises(NotFoundError):
        await house.boards.wait(board, "visible", seconds=30)


async def test_a_board_that_crashes_while_it_is_waited_for_comes_back(house: House) -> None:
    board = await board_with(house, "a")
    future = await waiting(house, board, house.boards.wait(board, "added", seconds=30))
    await house.launcher.crash(house.launch_of(board.id))
    await house.experiments.complete("a", by="ada")
    assert await future
    assert house.boards.status(board).generation == 2
