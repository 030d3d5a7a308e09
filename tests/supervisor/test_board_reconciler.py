"""What one board's reconciler tells and does, where the supervisor's own tests say nothing."""

import asyncio
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    NotFoundError,
    UnavailableError,
)
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId
from tbgateway.launchers.launcher import LaunchHandle, LaunchSpec, ShortageError
from tbgateway.supervisor.board_reconciler import BoardReconciler

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


def is_forgotten(house: "House") -> bool:
    """Whether the supervisor holds nothing for any board."""
    return repr(house.supervisor).startswith("<Supervisor awake=0 ")


async def test_a_sleeping_board_is_paused_as_soon_as_its_record_is(house: "House") -> None:
    await house.change_board(paused=True)
    assert house.status.state is BoardState.PAUSED
    await house.until(lambda: is_forgotten(house))
    assert house.status.state is BoardState.PAUSED
    await house.change_board(paused=False)
    assert house.status.state is BoardState.SLEEPING


async def test_a_stopped_board_says_stopping_while_its_process_ends(house: "House") -> None:
    upstream = await house.supervisor.upstream(BOARD)
    async with upstream.request():
        await house.change_board(paused=True)
        while house.status.state is BoardState.RUNNING:
            await asyncio.sleep(0.01)
        assert house.status.state is BoardState.STOPPING
        assert house.status.reason == "somebody stopped it"
    await house.until_state(BoardState.PAUSED)
    assert house.status.reason == ""


async def test_a_failed_board_that_is_stopped_says_nothing_of_its_failure(
    house: "House",
) -> None:
    house.launcher.refusal = "no memory left"
    with pytest.raises(BoardFailedError):
        await house.supervisor.upstream(BOARD)
    await house.change_board(paused=True)
    assert (house.status.state, house.status.reason) == (BoardState.PAUSED, "")
    with pytest.raises(BoardPausedError):
        await house.supervisor.upstream(BOARD)


async def test_who_starts_a_stopped_board_at_once_waits_for_it(house: "House") -> None:
    upstream = await house.supervisor.upstream(BOARD)
    await house.change_board(paused=True)
    await house.change_board(paused=False)
    house.supervisor.start(BOARD)
    await house.until(lambda: house.status.state is BoardState.RUNNING)
    assert await house.supervisor.upstream(BOARD)
    await upstream.close()


async def test_a_tensorboard_that_does_not_drop_removed_runs_is_replaced(
    house: "House",
) -> None:
    for name in ("a", "b"):
        await house.show(name)
    await house.supervisor.upstream(BOARD)
    await house.until(lambda: len(house.status.visible or ()) == 2)
    frozen = house.home / "frozen"
    shutil.copytree(house.layout.tree(BOARD), frozen, symlinks=True)
    board = house.launcher.board(house.launch)
    board._spec = replace(board._spec, logdir=frozen)  # it takes up no change any more
    await house.take_away("a")
    await house.until(lambda: list(house.links) == ["b"])
    assert len(house.store.memberships_of(BOARD)) == 2
    house.clock.ahead += 20
    house.supervisor.wake(BOARD)
    await house.until(lambda: len(house.store.memberships_of(BOARD)) == 1)
    assert house.status.generation == 2


async def test_a_board_that_does_not_become_ready_in_time_is_tried_again(
    house: "House",
) -> None:
    house.launcher.hold = True
    house.supervisor.start(BOARD)
    await house.until(lambda: house.status.reason == "held")
    house.clock.ahead += house.means.limits.start_timeout + 1
    house.launcher.hold = False
    house.supervisor.wake(BOARD)
    await house.until_state(BoardState.RUNNING)
    assert house.status.generation == 2


async def test_notes_are_told_while_the_board_runs(house: "House") -> None:
    assert house.status.notes == ()
    await house.supervisor.upstream(BOARD)
    assert house.status.notes == ("fake board",)
    await house.change_board(paused=True)
    await house.until_state(BoardState.PAUSED)
    assert house.status.notes == ()


async def test_the_end_of_the_gateway_ends_a_board_in_every_state(house: "House") -> None:
    reconciler = BoardReconciler(BOARD, house.means, house.supervisor._places)
    await reconciler.end()
    reconciler.visit()
    assert await reconciler.step(None) == 0.0
    assert repr(reconciler) == f"<BoardReconciler {BOARD} starting pending>"
    await reconciler.end()
    await reconciler.end()
    assert reconciler.status.state is BoardState.SLEEPING
    assert not await house.launcher.observe()
    assert not house.store.launches


async def test_a_board_that_sleeps_and_is_true_needs_no_reconciler(house: "House") -> None:
    await house.show("a")
    await house.until(lambda: house.links != {} and is_forgotten(house))
    await house.change_board(paused=True)
    await house.until(lambda: is_forgotten(house))
    with pytest.raises(BoardPausedError):
        await house.supervisor.upstream(BOARD)
    assert is_forgotten(house)


async def test_a_deleted_board_needs_none_however_often_it_is_asked_for(
    house: "House",
) -> None:
    house.launcher.hold = True
    waiting = asyncio.ensure_future(house.supervisor.upstream(BOARD))
    await house.until_state(BoardState.STARTING)
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    house.supervisor.wake(BOARD)
    for asking in (waiting, house.supervisor.upstream(BOARD)):
        with pytest.raises(NotFoundError):
            await asking
    await house.until(lambda: is_forgotten(house))
    with pytest.raises(NotFoundError):
        await house.supervisor.upstream(BOARD)
    assert is_forgotten(house)


@pytest.mark.parametrize("change", ["UPDATE ON boards", "INSERT ON launches"])
async def test_a_database_that_refuses_the_launch_is_no_crash_of_the_board(
    house: "House", change: str
) -> None:
    most = house.means.limits.most_crashes
    with house.refusing(change):
        asking = asyncio.ensure_future(house.supervisor.upstream(BOARD))
        for _ in range(most + 1):
            await house.until_state(BoardState.RESTARTING)
            assert house.status.reason != ""
            await house.until(lambda: house.status.state is not BoardState.FAILED)
            house.clock.ahead += house.means.limits.unreachable_backoff
            house.supervisor.wake(BOARD)
            await asyncio.sleep(0.05)
        assert house.status.state is not BoardState.FAILED
        assert not await house.launcher.observe()
    house.clock.ahead += house.means.limits.unreachable_backoff
    house.supervisor.wake(BOARD)
    assert await asking


async def test_crashes_that_lie_far_apart_make_no_board_fail(house: "House") -> None:
    for _ in range(house.means.limits.most_crashes + 1):
        upstream = await house.supervisor.upstream(BOARD)
        house.clock.ahead += house.means.limits.well_after
        house.supervisor.visited(BOARD)
        await house.launcher.crash(house.launch)
        await upstream.retired()
    assert await house.supervisor.upstream(BOARD)


async def test_a_board_that_the_machine_is_too_short_for_says_so_and_starts_later(
    house: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    async def short(spec: LaunchSpec) -> LaunchHandle:
        raise ShortageError(f"{spec.board_id}: Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(house.launcher, "start", short)
        for _ in range(house.means.limits.most_crashes + 1):
            with pytest.raises(UnavailableError, match="Too many open files") as refused:
                await asyncio.wait_for(house.supervisor.upstream(BOARD), 20)
            assert refused.value.retry_after
            house.clock.ahead += house.means.limits.unreachable_backoff
            house.supervisor.wake(BOARD)
        assert house.status.state is not BoardState.FAILED
    house.clock.ahead += house.means.limits.unreachable_backoff
    house.supervisor.wake(BOARD)
    await house.until_state(BoardState.RUNNING)
    assert await house.supervisor.upstream(BOARD)
