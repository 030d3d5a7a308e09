"""What the watchers notice of a gateway whose boards are fakes."""

import os
from pathlib import Path
from typing import Any

from gateway_in_process import PATIENCE, Launchers, started
from house import CHIEF
from prometheus_client import CollectorRegistry

from tbgateway.boards import Entry
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board, LaunchRecord
from tbgateway.domain.names import LaunchId
from tbgateway.launchers.launcher import LaunchHandle


def figure(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"tbgateway_{name}", labels)


async def test_looking_at_a_board_again_is_no_news(home: Path) -> None:
    async with started(home) as gateway:
        board = await gateway.boards.create(CHIEF, "vision", (), Entry())
        assert await gateway.boards.wait(board, "visible", seconds=PATIENCE)
        newest = gateway.observing.events.bus.newest
        for _ in range(10):
            gateway.observing.board_changed(board.id)
        assert gateway.observing.events.bus.newest == newest


async def test_sleeping_boards_are_no_news_at_the_start(home: Path) -> None:
    async with started(home) as gateway:
        for number in range(3):
            await gateway.boards.create(CHIEF, f"vision-{number}", (), Entry())
    async with started(home) as gateway:
        assert len(gateway.store.boards) == 3
        board = next(iter(gateway.store.boards))
        gateway.observing.board_changed(board)
        assert gateway.observing.events.bus.newest == 0


async def test_a_board_that_crashes_is_counted_and_told(home: Path) -> None:
    launchers = Launchers()
    async with started(home, make_launcher=launchers) as gateway:
        registry = gateway.observing.registry
        board = await gateway.boards.create(CHIEF, "vision", (), Entry())
        assert await gateway.boards.wait(board, "visible", seconds=PATIENCE)
        newest = gateway.observing.events.bus.newest
        await launchers.newest.crash(LaunchId(f"{board.id}.1"))
        assert await gateway.supervisor.wait_for(
            board.id,
            lambda: figure(registry, "board_start_seconds_count") == 2,
            seconds=PATIENCE,
        )
        assert figure(registry, "board_restarts_total") == 1
        assert gateway.observing.events.bus.newest > newest


async def test_only_boards_with_a_process_are_measured(home: Path) -> None:
    async with started(home) as gateway:
        real = await gateway.boards.create(CHIEF, "vision", (), Entry())
        fake = await gateway.boards.create(CHIEF, "audio", (), Entry())
        async with gateway.store.transaction() as tx:
            for board, handle in (
                (real, LaunchHandle(pid=os.getpid(), started=1, **_handle(real))),
                (fake, LaunchHandle(pid=0, started=0, **_handle(fake))),
            ):
                launch = handle.launch_id
                tx.put(LaunchRecord(launch_id=launch, board_id=board.id, handle=handle.to_json()))
        resources = gateway.observing.resources
        await resources.sample()
        assert resources.now(real.id) is not None
        assert resources.now(fake.id) is None
        async with gateway.store.transaction() as tx:
            tx.drop(*gateway.store.launches.values())


def _handle(board: Board) -> dict[str, Any]:
    return {"launch_id": LaunchId(f"{board.id}.1"), "launcher": "fake", "endpoint": "/nowhere"}


async def test_a_board_that_is_deleted_while_it_runs_is_forgotten(home: Path) -> None:
    async with started(home) as gateway:
        board = await gateway.boards.create(CHIEF, "vision", (), Entry())
        assert await gateway.boards.wait(board, "visible", seconds=PATIENCE)
        measured = gateway.observing.metrics.boards
        assert measured._known[board.id][0] is BoardState.RUNNING
        await gateway.boards.delete(CHIEF, board.id)
        assert await gateway.supervisor.wait_for(
            board.id, lambda: not measured._known, seconds=PATIENCE
        )
