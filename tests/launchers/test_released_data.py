"""Boards that let go of what they have read while nobody asks, and read it again for who does."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from tbgateway.launchers.launcher import Exited, LaunchHandle, Running

pytestmark = pytest.mark.slow

_SOON = 0.2  # seconds
_SCALARS = "/data/plugin/scalars/scalars?run=a&tag=loss"


@pytest.fixture(params=["forkserver", "exec"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def data_servers(handle: LaunchHandle) -> list[psutil.Process]:
    return psutil.Process(handle.pid).children()


async def until_nothing_is_held(handle: LaunchHandle) -> None:
    async with asyncio.timeout(60):
        while data_servers(handle):
            await asyncio.sleep(0.02)


async def test_the_next_question_gets_all_there_is_by_then_and_nobody_waits_for_another_server(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    handle = await bench.start(release_data_after=_SOON)
    for round_ in range(3):
        await until_nothing_is_held(handle)
        write_run(f"more-{round_}")
        answers = await asyncio.gather(*(bench.get(handle, "/data/runs") for _ in range(8)))

        expected = {"a", *(f"more-{number}" for number in range(round_ + 1))}
        assert [set(json.loads(answer)) for answer in answers] == [expected] * 8
        assert len(json.loads(await bench.get(handle, _SCALARS))) == 3
    seen = (await bench.launcher.observe())[handle.launch_id]
    assert isinstance(seen, Running)


async def test_it_is_held_while_somebody_asks(bench: Any, write_run: Callable[..., None]) -> None:
    write_run("a")
    handle = await bench.start(release_data_after=1.0)
    await bench.get(handle, "/data/runs")
    server = data_servers(handle)
    for _ in range(25):
        await bench.get(handle, "/data/runs")
        await asyncio.sleep(0.1)

    assert server
    assert data_servers(handle) == server


async def test_a_board_that_may_not_let_go_holds_it(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    kept, other = await bench.start(), await bench.start(generation=2, release_data_after=_SOON)
    await until_nothing_is_held(other)

    assert data_servers(kept)


async def test_one_that_is_killed_after_it_came_back_ends_the_board(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    handle = await bench.start(release_data_after=1.0)
    await until_nothing_is_held(handle)
    await bench.get(handle, "/data/runs")
    os.kill(data_servers(handle)[0].pid, signal.SIGKILL)
    seen = await bench.until(handle, lambda seen: isinstance(seen, Exited))

    assert seen == Exited(70, "the data server ended (signal 9)")
