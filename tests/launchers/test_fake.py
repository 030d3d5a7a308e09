"""What the fake launcher can be told to do."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from tbgateway.launchers.launcher import EngineUnreachableError, Exited, LaunchError


@pytest.fixture
def kind() -> str:
    return "fake"


async def test_its_boards_list_the_links_of_the_logdir_that_lead_somewhere(bench: Any) -> None:
    handle = await bench.start()
    assert json.loads(await bench.get(handle, "/data/runs")) == []

    (bench.logdir / "project").mkdir()
    (bench.logdir / "project" / "b").symlink_to(bench.directory)
    (bench.logdir / "a").symlink_to(bench.directory)
    (bench.logdir / "gone").symlink_to(bench.directory / "gone")

    assert json.loads(await bench.get(handle, "/data/runs")) == ["a", "project/b"]


async def test_its_boards_echo_the_request_as_it_came(bench: Any) -> None:
    handle = await bench.start()
    reader, writer = await asyncio.open_unix_connection(handle.endpoint)
    writer.write(
        b"POST /echo?a=%2F&b HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nX-Two: 2\r\n"
        b"Content-Length: 3\r\n\r\nabc"
    )
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    echo = json.loads(body)

    assert b"connection: close" in head.lower()
    assert echo["method"] == "POST"
    assert echo["target"] == "/echo?a=%2F&b"
    assert [value for name, value in echo["headers"] if name == "X-Two"] == ["1", "2"]
    assert echo["body"] == "abc"


async def test_its_boards_can_stream_slowly(bench: Any) -> None:
    handle = await bench.start()

    assert (await bench.get(handle, "/slow")).splitlines()[-1] == b"part 4"


async def test_it_can_be_told_to_refuse_and_to_be_unreachable(bench: Any) -> None:
    bench.launcher.refusal = "no more processes"
    with pytest.raises(LaunchError, match="no more processes"):
        await bench.launcher.start(bench.spec())

    bench.launcher.unreachable = True
    with pytest.raises(EngineUnreachableError):
        await bench.launcher.observe()
    bench.launcher.unreachable = False
    assert not await bench.launcher.observe()


async def test_a_crash_can_be_given_a_code_and_a_reason(bench: Any) -> None:
    handle = await bench.start()
    await bench.launcher.crash(handle.launch_id, 70, "the data server ended")

    assert (await bench.launcher.observe())[handle.launch_id] == Exited(70, "the data server ended")


async def test_a_hanging_board_accepts_and_never_answers(bench: Any) -> None:
    handle = await bench.start()
    bench.launcher.hang(handle.launch_id)

    connector = aiohttp.UnixConnector(handle.endpoint)
    timeout = aiohttp.ClientTimeout(total=0.3)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        with pytest.raises(TimeoutError):
            await session.get("http://board/data/runs")
