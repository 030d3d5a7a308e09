import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    NotFoundError,
    TimedOutError,
)
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import LaunchRecord
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import EngineUnreachableError, LaunchHandle, LaunchSpec

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


async def test_a_board_sleeps_until_somebody_asks_for_it(house: "House") -> None:
    assert house.status.state is BoardState.SLEEPING
    upstream = await house.supervisor.upstream(BOARD)
    assert await upstream.get_json("/data/runs") == []
    assert house.status.state is BoardState.RUNNING
    assert house.status.generation == 1


async def test_many_visitors_wake_a_board_once(house: "House") -> None:
    upstreams = await asyncio.gather(*(house.supervisor.upstream(BOARD) for _ in range(50)))
    assert len({id(upstream) for upstream in upstreams}) == 1
    assert house.store.boards[BOARD].generation == 1


async def test_a_board_that_is_not_ready_in_time_is_no_failure(house: "House") -> None:
    house.launcher.hold = True
    with pytest.raises(TimedOutError, match="held"):
        await house.supervisor.upstream(BOARD, within=0.2)
    await house.launcher.release(house.launch)
    assert await house.supervisor.upstream(BOARD)


async def test_experiments_are_linked_and_seen_by_the_running_board(house: "House") -> None:
    await house.show("first, with spaces")
    await house.supervisor.upstream(BOARD)
    await house.show("project/second")
    await house.until(lambda: len(house.status.visible or ()) == 2)
    assert house.links == {
        "first, with spaces": str(house.home / "runs/first, with spaces"),
        "project/second": str(house.home / "runs/project/second"),
    }


async def test_a_removed_experiment_is_gone_once_the_board_dropped_it(house: "House") -> None:
    await house.show("first")
    await house.show("second")
    await house.supervisor.upstream(BOARD)
    await house.take_away("first")
    await house.until(lambda: len(house.store.memberships_of(BOARD)) == 1)
    assert list(house.links) == ["second"]


async def test_a_removal_from_a_sleeping_board_needs_no_process(house: "House") -> None:
    await house.show("first")
    await house.take_away("first")
    await house.until(lambda: not house.store.memberships_of(BOARD))
    assert house.links == {}
    assert house.store.boards[BOARD].generation == 0


async def test_an_experiment_with_a_problem_is_left_out_and_the_others_stay(
    house: "House",
) -> None:
    await house.show("good")
    await house.show("evil", problem="a link leaves its root")
    await house.supervisor.upstream(BOARD)
    await house.until(lambda: len(house.status.visible or ()) == 1)
    assert list(house.links) == ["good"]
    assert list(house.status.problems.values()) == ["a link leaves its root"]


async def test_the_same_name_in_two_roots_shows_with_both_roots(house: "House") -> None:
    await house.show("baseline", root="alice")
    await house.show("baseline", root="bob")
    await house.until(lambda: len(house.links) == 2)
    assert sorted(house.links) == ["alice:baseline", "bob:baseline"]


async def test_a_crashed_board_comes_back_with_a_new_generation(house: "House") -> None:
    upstream = await house.supervisor.upstream(BOARD)
    await house.launcher.crash(house.launch)
    await house.until(lambda: house.status.generation == 2 and house.status.reason == "")
    assert await house.supervisor.upstream(BOARD) is not upstream


async def test_five_crashes_in_a_row_are_a_failure_until_somebody_starts_it(
    house: "House",
) -> None:
    house.launcher.refusal = "no memory left"
    with pytest.raises(BoardFailedError, match="no memory left"):
        await house.supervisor.upstream(BOARD)
    assert house.status.state is BoardState.FAILED
    assert "5 times in a row" in house.status.reason
    assert house.store.boards[BOARD].generation == 5
    house.launcher.refusal = ""
    with pytest.raises(BoardFailedError):
        await house.supervisor.upstream(BOARD)
    house.supervisor.start(BOARD)
    assert await house.supervisor.upstream(BOARD)


async def test_a_failed_board_keeps_its_last_words(house: "House") -> None:
    house.launcher.hold = True
    waiting = asyncio.ensure_future(house.supervisor.upstream(BOARD))
    for generation in range(1, 6):
        await house.until(
            lambda g=generation: house.status.generation == g and house.status.reason == "held"
        )
        house.launcher.say(house.launch, f"cannot read, try {generation}")
        await house.launcher.crash(house.launch, code=1)
    with pytest.raises(BoardFailedError):
        await waiting
    assert house.status.log_tail.splitlines()[-1] == "cannot read, try 5"


async def test_changing_a_failed_boards_experiments_gives_it_another_try(house: "House") -> None:
    house.launcher.refusal = "broken"
    with pytest.raises(BoardFailedError):
        await house.supervisor.upstream(BOARD)
    house.launcher.refusal = ""
    await house.show("better")
    await house.until_state(BoardState.RUNNING)


async def test_a_paused_board_stays_down_until_it_is_started(house: "House") -> None:
    await house.supervisor.upstream(BOARD)
    await house.change_board(paused=True)
    await house.until_state(BoardState.PAUSED)
    assert not await house.launcher.observe()
    with pytest.raises(BoardPausedError, match="stopped by somebody"):
        await house.supervisor.upstream(BOARD)
    await house.change_board(paused=False)
    assert await house.supervisor.upstream(BOARD)


async def test_a_deleted_board_leaves_no_process_and_no_file(house: "House") -> None:
    await house.show("first")
    await house.supervisor.upstream(BOARD)
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    house.supervisor.wake(BOARD)
    await house.until(lambda: not house.layout.board(BOARD).exists())
    assert not await house.launcher.observe()
    assert (house.home / "runs" / "first").is_dir()
    with pytest.raises(NotFoundError):
        await house.supervisor.upstream(BOARD)


async def test_an_idle_board_falls_asleep_but_not_while_a_request_is_in_flight(
    house: "House",
) -> None:
    upstream = await house.supervisor.upstream(BOARD)
    async with upstream.request():
        house.clock.ahead += house.settings.idle_timeout + 1
        house.supervisor.wake(BOARD)
        await asyncio.sleep(0.1)
        assert house.status.state is BoardState.RUNNING
    house.supervisor.visited(BOARD)
    house.supervisor.wake(BOARD)
    await asyncio.sleep(0.1)
    assert house.status.state is BoardState.RUNNING
    house.clock.ahead += house.settings.idle_timeout + 1
    house.supervisor.wake(BOARD)
    await house.until_state(BoardState.SLEEPING)


@pytest.mark.parametrize("seconds", [60.0, 90_000.0])
async def test_a_board_falls_asleep_by_its_own_idle_timeout(house: "House", seconds: float) -> None:
    await house.change_board(idle_timeout=seconds)
    await house.supervisor.upstream(BOARD)
    house.clock.ahead += seconds - 20
    house.supervisor.wake(BOARD)
    await asyncio.sleep(0.1)
    assert house.status.state is BoardState.RUNNING
    house.clock.ahead += 21
    house.supervisor.wake(BOARD)
    await house.until_state(BoardState.SLEEPING)


async def test_a_board_that_never_sleeps_begins_to_when_that_is_taken_back(house: "House") -> None:
    await house.change_board(idle_timeout=0.0)
    await house.supervisor.upstream(BOARD)
    house.clock.ahead += 10 * house.settings.idle_timeout
    house.supervisor.wake(BOARD)
    await asyncio.sleep(0.1)
    assert house.status.state is BoardState.RUNNING
    await house.change_board(idle_timeout=None)
    await house.until_state(BoardState.SLEEPING)


async def test_an_engine_that_cannot_be_asked_loses_no_board(house: "House") -> None:
    upstream = await house.supervisor.upstream(BOARD)
    house.launcher.unreachable = True
    house.supervisor.wake(BOARD)
    await asyncio.sleep(0.1)
    assert await house.supervisor.upstream(BOARD) is upstream
    house.launcher.unreachable = False
    house.supervisor.wake(BOARD)
    await asyncio.sleep(0.1)
    assert house.store.boards[BOARD].generation == 1


async def test_what_an_earlier_gateway_left_is_ended_and_forgotten(house: "House") -> None:
    left = LaunchHandle(
        launch_id=LaunchId(f"{BOARD}.7"), launcher="fake", pid=0, started=0, endpoint="/gone"
    )
    record = LaunchRecord(launch_id=left.launch_id, board_id=BOARD, handle=left.to_json())
    async with house.store.transaction() as tx:
        tx.put(record)
    running = asyncio.ensure_future(house.supervisor.run())
    async with asyncio.timeout(30):
        while house.store.launches:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_record_that_cannot_be_dropped_does_not_keep_the_boards_down(
    house: "House",
) -> None:
    left = LaunchHandle(
        launch_id=LaunchId(f"{BOARD}.7"), launcher="fake", pid=0, started=0, endpoint="/gone"
    )
    record = LaunchRecord(launch_id=left.launch_id, board_id=BOARD, handle=left.to_json())
    async with house.store.transaction() as tx:
        tx.put(record)
    with house.refusing("DELETE ON launches"):
        running = asyncio.ensure_future(house.supervisor.run())
        await house.show("a")
        await house.until(lambda: list(house.links) == ["a"])
        await asyncio.sleep(0.1)
        assert not running.done()
        assert list(house.store.launches) == [left.launch_id]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_files_of_boards_that_are_gone_are_removed_at_the_start_and_no_others(
    house: "House",
) -> None:
    boards, elsewhere = house.layout.boards, house.home / "elsewhere"
    for path in (boards / "tb0000000099" / "logdir", boards / "notes", boards / BOARD, elsewhere):
        path.mkdir(parents=True, exist_ok=True)
    (elsewhere / "kept").touch()
    (boards / "tb0000000099" / "logdir" / "a").symlink_to(elsewhere)
    (boards / "tb0000000098").symlink_to(elsewhere)
    (boards / "tb0000000097").touch()
    running = asyncio.ensure_future(house.supervisor.run())
    async with asyncio.timeout(30):
        while (boards / "tb0000000099").exists():
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    kept = {"notes", BOARD, "tb0000000098", "tb0000000097"}
    assert {path.name for path in boards.iterdir()} == kept
    assert (elsewhere / "kept").exists()


async def test_a_launcher_that_is_out_of_reach_for_a_while_makes_no_board_fail(
    house: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    start, tries = house.launcher.start, []

    async def hang(spec: LaunchSpec) -> LaunchHandle:
        tries.append(spec.launch_id)
        if len(tries) <= house.means.limits.most_crashes:
            raise EngineUnreachableError("no answer")
        return await start(spec)

    monkeypatch.setattr(house.launcher, "start", hang)
    asking = asyncio.ensure_future(house.supervisor.upstream(BOARD))
    while not asking.done():
        house.clock.ahead += 1
        house.supervisor.wake(BOARD)
        await asyncio.sleep(0.01)
    assert await asking
    assert len(tries) == house.means.limits.most_crashes + 1


async def test_a_problem_is_told_while_the_board_sleeps(house: "House") -> None:
    await house.show("a")
    await house.show("a/b")
    await house.until(lambda: repr(house.supervisor).startswith("<Supervisor awake=0 "))
    assert list(house.status.problems.values()) == ["'a/b' would lie inside 'a'"]
    await house.supervisor.upstream(BOARD)
    assert list(house.status.problems.values()) == ["'a/b' would lie inside 'a'"]


async def test_who_visits_a_board_does_not_wait_for_the_repair_of_all_others(
    house: "House",
) -> None:
    others = [
        replace(house.store.boards[BOARD], id=BoardId(f"tb{number:010x}"), name=f"board-{number}")
        for number in range(100, 500)
    ]
    async with house.store.transaction() as tx:
        tx.put(*others)

    def repaired() -> int:
        return sum(house.layout.tree(board.id).is_dir() for board in others)

    for board in others:
        house.supervisor.wake(board.id)  # as when a gateway starts
    await house.supervisor.upstream(BOARD)
    assert repaired() < len(others) / 2
    async with asyncio.timeout(60):
        while repaired() < len(others):
            await asyncio.sleep(0.01)
