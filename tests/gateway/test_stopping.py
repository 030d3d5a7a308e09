"""How requests and work end when the gateway does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from gateway_in_process import PATIENCE, Launchers, check_nothing_is_left, started
from house import CHIEF

from tbgateway.boards import Entry
from tbgateway.domain.model import Access
from tbgateway.domain.names import LaunchId
from tbgateway.gateway import Gateway
from tbgateway.supervisor.supervisor import Supervisor

OPEN = Entry(access=Access.PUBLIC)


@asynccontextmanager
async def slow_board(house: Gateway, launchers: Launchers) -> AsyncIterator[aiohttp.ClientResponse]:
    """Ask for something that a board answers in parts, and yield when it has begun."""
    board = await house.boards.create(CHIEF, "vision", (), OPEN)
    assert await house.boards.wait(board, "visible", seconds=PATIENCE)
    launchers.newest.board(LaunchId(f"{board.id}.1")).delay = 0.2
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.url}/boards/vision/slow") as answer,
    ):
        assert answer.status == 200
        yield answer


async def test_requests_in_flight_end_before_the_gateway_does(home: Path) -> None:
    launchers = Launchers()
    house = started(home, make_launcher=launchers)
    async with slow_board(await house.__aenter__(), launchers) as answer:
        stopping = asyncio.ensure_future(house.__aexit__(None, None, None))
        assert (await answer.read()).splitlines()[-1] == b"part 4"
        await stopping
    assert not list((home / "run").iterdir())


async def test_requests_that_take_too_long_are_cut_off(home: Path) -> None:
    launchers = Launchers()
    house = started(home, make_launcher=launchers, overrides={"server.drain_timeout": 0.0})
    async with slow_board(await house.__aenter__(), launchers) as answer:
        await house.__aexit__(None, None, None)
        with pytest.raises(aiohttp.ClientError):
            await answer.read()
    await check_nothing_is_left(home)


async def test_an_error_of_who_runs_it_ends_the_gateway_and_comes_out_as_it_is(
    home: Path,
) -> None:
    async def fail() -> None:
        async with started(home):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    await check_nothing_is_left(home)


async def test_a_job_of_the_gateway_that_fails_ends_the_gateway(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = asyncio.Event()

    async def run(_: Supervisor) -> None:
        await failing.wait()
        raise OSError("no such thing")

    monkeypatch.setattr(Supervisor, "run", run)

    async def serve() -> None:
        async with started(home):
            failing.set()
            await asyncio.Event().wait()

    with pytest.raises(OSError, match="no such thing"):
        await serve()
    await check_nothing_is_left(home)
