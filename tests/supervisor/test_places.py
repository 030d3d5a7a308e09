"""Boards that make room for others, and those that take too much, with boards that obey."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import house as any_house
import pytest

from tbgateway.domain.errors import BoardFailedError, UnavailableError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board
from tbgateway.domain.names import BoardId
from tbgateway.supervisor import supervisor as supervisor_module
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.resources import Sample

if TYPE_CHECKING:
    from tbgateway.upstream import Upstream

A, B, C = (BoardId(f"tb{number:010x}") for number in (1, 2, 3))
MIB = 1024**2


class Crowd(any_house.House):
    """A house with three boards, of which two may run; 100 MiB for all, and 60 for one."""

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        super().__init__(home, runtime_dir)
        self.settings = self.settings.model_copy(
            update={"max_running": 2, "memory_budget": "100 MiB", "board_memory": "60 MiB"}
        )
        self.means = replace(self.means, settings=self.settings)
        self.supervisor = Supervisor(self.means)

    async def fill(self) -> None:
        async with self.store.transaction() as tx:
            for name, one in (("a", A), ("b", B), ("c", C)):
                access = Access.PUBLIC
                tx.put(Board(id=one, name=name, owner="ada", access=access, created_at=0.0))

    async def ask(self, board_id: BoardId) -> "Upstream":
        self.clock.ahead += 2.0
        return await self.supervisor.upstream(board_id)

    async def until(self, board_id: BoardId, state: BoardState) -> None:
        await self.wait_for(board_id, lambda: self.supervisor.state(board_id) is state)

    async def end(self, board_id: BoardId) -> None:
        """Have a person stop the board, and allow it again."""
        for paused, state in ((True, BoardState.PAUSED), (False, BoardState.SLEEPING)):
            async with self.store.transaction() as tx:
                tx.put(replace(self.store.boards[board_id], paused=paused))
            self.supervisor.wake(board_id)
            await self.until(board_id, state)

    def states(self) -> str:
        """Return the first letters of all boards' states."""
        return "".join(self.supervisor.state(one).value[0] for one in (A, B, C))

    def weigh(self, **memory: int) -> None:
        ids = {"a": A, "b": B, "c": C}
        found = {ids[name]: Sample(0.0, 0.5, mib * MIB) for name, mib in memory.items()}
        self.supervisor.weighed(found, self.supervisor.launches)


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    async with any_house.opened(tmp_path, Crowd) as house:
        await house.fill()
        yield house


async def test_a_newcomer_takes_the_place_of_the_board_that_was_not_asked_for_the_longest(
    crowd: Crowd,
) -> None:
    for one in (A, B, A, C):
        await crowd.ask(one)
    assert crowd.states() == "rsr"


async def test_who_is_asked_at_the_moment_keeps_its_place(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_ROOM_PATIENCE", 0.1)
    first, second = await crowd.ask(A), await crowd.ask(B)
    async with first.request(), second.request():
        with pytest.raises(UnavailableError) as refusal:
            await crowd.ask(C)
        assert "boards.max_running" in refusal.value.detail
        assert refusal.value.retry_after
        status = crowd.supervisor.status(C)
        assert (status.state, status.lacks_room) == (BoardState.SLEEPING, True)
        assert "all 2 boards" in status.reason
        assert crowd.states() == "rrs"
    await crowd.until(C, BoardState.RUNNING)
    assert not crowd.supervisor.status(C).lacks_room


async def test_who_waits_in_vain_for_long_is_forgotten(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "_ROOM_PATIENCE", 0.1)
    first, second = await crowd.ask(A), await crowd.ask(B)
    async with first.request(), second.request():
        with pytest.raises(UnavailableError):
            await crowd.ask(C)
        crowd.clock.ahead += 60.0
        await crowd.wait_for(C, lambda: not crowd.supervisor.status(C).lacks_room)
    await asyncio.sleep(0)
    assert crowd.states() == "rrs"


async def test_memory_that_boards_take_is_no_room_for_others(crowd: Crowd) -> None:
    await crowd.ask(A)
    crowd.weigh(a=55)
    await crowd.ask(B)
    crowd.weigh(a=55, b=50)
    await crowd.until(A, BoardState.SLEEPING)
    assert crowd.states() == "srs"
    crowd.clock.ahead += 5.0
    await crowd.ask(A)  # what it took is remembered
    await crowd.until(B, BoardState.SLEEPING)


async def test_a_board_over_its_limit_fails_for_good_and_is_started_by_a_person(
    crowd: Crowd,
) -> None:
    await crowd.ask(A)
    await crowd.ask(B)
    crowd.weigh(a=61, b=10)
    await crowd.until(A, BoardState.FAILED)
    reason = crowd.supervisor.status(A).reason
    assert reason.startswith("over its memory limit (61 MiB of 60 MiB); ")
    assert "times in a row" not in reason
    with pytest.raises(BoardFailedError, match="over its memory limit"):
        await crowd.ask(A)
    assert crowd.states() == "frs"
    crowd.supervisor.start(A)
    await crowd.until(A, BoardState.RUNNING)
    crowd.weigh(a=60)
    await crowd.ask(A)
    assert crowd.states() == "rrs"


async def test_a_new_process_is_not_judged_by_the_weight_of_the_one_before(crowd: Crowd) -> None:
    await crowd.ask(A)
    measured, launches = {A: Sample(0.0, 0.5, 61 * MIB)}, crowd.supervisor.launches
    await crowd.end(A)
    await crowd.ask(A)
    assert crowd.supervisor.launches != launches
    crowd.supervisor.weighed(measured, launches)
    assert crowd.states()[0] == "r"
    await crowd.ask(A)
    crowd.weigh(a=61)
    await crowd.until(A, BoardState.FAILED)


async def test_what_a_board_uses_is_told_while_it_runs(crowd: Crowd) -> None:
    await crowd.ask(A)
    assert crowd.supervisor.used(A) is None
    crowd.weigh(a=10)
    assert crowd.supervisor.used(A) == Sample(0.0, 0.5, 10 * MIB)
    await crowd.supervisor.stop()
    assert crowd.supervisor.used(A) is None


async def test_a_deleted_board_weighs_nothing(crowd: Crowd) -> None:
    await crowd.ask(A)
    crowd.weigh(a=10)
    async with crowd.store.transaction() as tx:
        tx.drop(crowd.store.boards[A])
    crowd.supervisor.wake(A)
    crowd.weigh()
    assert repr(crowd.supervisor._weights) == "<Weights of 0 boards, 0 too heavy>"
