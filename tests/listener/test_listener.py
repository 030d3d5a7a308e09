"""Opening, serving and letting go."""

import asyncio
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tbgateway.domain.errors import ConflictError
from tbgateway.listener.listener import Listener

PATIENCE = 20.0
REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

ACTIVATED = """
import asyncio, os, sys
from aiohttp import web
from tbgateway.listener.listener import Listener

async def answer(request):
    return web.Response(text=" ".join(sorted(k for k in os.environ if k.startswith("LISTEN_"))))

async def main():
    listener = Listener(answer)
    print(await listener.open(["127.0.0.1:1"]), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await listener.close(1)

os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "LISTEN_FDNAMES": "web"}
asyncio.run(main())
"""


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


async def test_it_serves_at_every_address(listen: Any, place: Path) -> None:
    running = await listen("127.0.0.1:0", f"unix:{place / 's'}")

    for reader, writer in (
        await running.connect(),
        await asyncio.open_unix_connection(str(place / "s")),
    ):
        writer.write(REQUEST)
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_if_one_address_fails_none_stays_open(listen: Any, place: Path) -> None:
    running = await listen()

    with pytest.raises(ConflictError):
        await listen(f"unix:{place / 's'}", running.addresses[0], control=place / "control")

    assert list(place.iterdir()) == []


async def test_requests_in_flight_end_and_idle_connections_close(listen: Any) -> None:
    running = await listen()
    go_on = asyncio.Event()

    async def wait(_request: object) -> web.StreamResponse:
        await go_on.wait()
        return web.Response(text="finished")

    idle = await running.connect()
    busy = await running.connect()
    running.answer = wait
    busy[1].write(REQUEST)
    await until(lambda: running.requests)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        closing = group.create_task(running.listener.close(PATIENCE))
        await asyncio.sleep(0.01)  # so that it has begun
        with pytest.raises(ConnectionRefusedError):
            await running.connect()
        go_on.set()
        answered = await busy[0].read()
        assert await idle[0].read() == b""
        await closing

    assert answered.endswith(b"finished")
    for _, writer in (idle, busy):
        writer.close()


async def test_what_does_not_end_in_time_is_cut_off(listen: Any) -> None:
    running = await listen()
    cancelled = asyncio.Event()

    async def never(_request: object) -> web.StreamResponse:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    running.answer = never
    reader, writer = await running.connect()
    writer.write(REQUEST)
    await until(lambda: running.requests)

    async with asyncio.timeout(PATIENCE):
        await running.listener.close(0.01)
        await cancelled.wait()
        answered = await reader.read()
    writer.close()

    assert answered.startswith(b"HTTP/1.1 503")
    assert b"\r\nRetry-After: 1\r\n" in answered
    assert b"\r\nConnection: close\r\n" in answered


async def test_an_answer_that_has_begun_is_cut_off_without_another_word(listen: Any) -> None:
    running = await listen()

    async def begin(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"begun")
        await asyncio.Event().wait()
        raise AssertionError

    running.answer = begin
    reader, writer = await running.connect()
    writer.write(REQUEST)
    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"begun")
        await running.listener.close(0.01)
        assert await reader.read() in {b"", b"\r\n"}
    writer.close()


async def test_who_asks_while_it_closes_is_answered_for_the_last_time(listen: Any) -> None:
    """One that was answered before, and one that has only connected."""
    running = await listen()
    known, new = await running.connect(), await running.connect()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        known[1].write(REQUEST)
        first = await known[0].readuntil(b"ok")
        closing = group.create_task(running.listener.close(PATIENCE))
        await asyncio.sleep(0)  # so that it has begun
        for _, writer in (known, new):
            writer.write(REQUEST)
        last = [await reader.read() for reader, _ in (known, new)]
        await closing
    for _, writer in (known, new):
        writer.close()

    assert b"Connection: close" not in first
    for answered in last:
        assert answered.startswith(b"HTTP/1.1 200")
        assert b"\r\nConnection: close\r\n" in answered


async def test_an_answer_that_had_begun_does_not_break_the_next_request(listen: Any) -> None:
    """Its headers went out before anybody knew that it closes."""
    running = await listen()
    go_on = asyncio.Event()

    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "5"})
        await response.prepare(request)
        await go_on.wait()
        await response.write(b"first")
        return response

    running.answer = slowly
    reader, writer = await running.connect()
    writer.write(REQUEST)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        head = await reader.readuntil(b"\r\n\r\n")
        closing = group.create_task(running.listener.close(PATIENCE))
        await asyncio.sleep(0)  # so that it has begun
        go_on.set()
        await reader.readuntil(b"first")
        writer.write(REQUEST)
        second = await reader.read()
        await closing
    writer.close()

    assert b"Connection: close" not in head
    assert b"\r\nConnection: close\r\n" in second
    assert second.endswith(b"first")


async def test_files_of_sockets_are_removed(listen: Any, place: Path) -> None:
    running = await listen(f"unix:{place / 's'}", control=place / "control")

    await running.listener.close(1)

    assert list(place.iterdir()) == []


async def test_connections_that_arrive_while_it_closes_are_no_error(listen: Any) -> None:
    problems: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: problems.append(what))

    for _ in range(5):
        running = await listen()
        port = int(running.addresses[0].rpartition(":")[2])
        late = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        await asyncio.sleep(0)  # accepted, or nearly
        await running.listener.close(1)
        for client in late:
            client.close()

    assert problems == []


async def test_a_listener_that_never_opened_closes() -> None:
    async def nothing(_request: object) -> web.StreamResponse:
        raise AssertionError

    await Listener(nothing).close(1)


async def test_sockets_of_systemd_take_the_place_of_the_addresses(place: Path) -> None:
    """And their files stay: they are systemd's."""
    with socket.socket(socket.AF_UNIX) as systemds:
        systemds.bind(str(place / "s"))
        systemds.listen()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            ACTIVATED,
            str(systemds.fileno()),
            pass_fds=[systemds.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    async with asyncio.timeout(60):
        told = await process.stdout.readline()
        reader, writer = await asyncio.open_unix_connection(str(place / "s"))
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        answered = await reader.read()
        writer.close()
        process.stdin.write(b"\n")
        await process.wait()

    assert f"unix:{place / 's'}".encode() in told
    assert answered.endswith(b"\r\n\r\n")  # no LISTEN_ variable was left for children
    assert (place / "s").exists()


@pytest.mark.parametrize(
    "first",
    [
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
    ids=["chunks and a trailer", "another protocol"],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["with", "after"])
async def test_nothing_follows_what_the_parser_does_not_recover_from(
    listen: Any, first: bytes, *, at_once: bool
) -> None:
    running = await listen()
    reader, writer = await running.connect()

    async with asyncio.timeout(PATIENCE):
        writer.write(first + (REQUEST if at_once else b""))
        head = await reader.readuntil(b"\r\n\r\n")
        if not at_once:
            writer.write(REQUEST)
        with suppress(ConnectionError):  # what was sent too late
            assert await reader.read() == b"ok"
    writer.close()

    assert b"\r\nConnection: close\r\n" in head
    assert len(running.requests) == 1
