"""Deadlines and crowds, with real connections."""

import asyncio
import gc
import socket
import weakref
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from tbgateway.dataplane.local_peers import UNKNOWN, Stranger, Verdict
from tbgateway.domain.model import LocalOperator
from tbgateway.listener import connection
from tbgateway.listener.connection import ConnectionLimits
from tbgateway.routes import Door

PATIENCE = 20.0
REQUEST = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


async def read_head(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(2)
    return head


async def drip(writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
    """Send a header now and then until the connection ends."""
    ended = asyncio.ensure_future(reader.read())
    async with asyncio.timeout(PATIENCE):
        while not ended.done():
            try:
                writer.write(b"X-Drip: 1\r\n")
                await writer.drain()
            except ConnectionError:
                pass
            await asyncio.wait([ended], timeout=0.02)
    ended.exception()


async def test_dripping_headers_end_the_connection(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(headers=0.2, idle=60))
    reader, writer = await running.connect()
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n")

    await drip(writer, reader)

    assert running.requests == []
    writer.close()


async def test_dripping_a_second_request_ends_the_connection(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(headers=0.2, idle=60))
    reader, writer = await running.connect()
    writer.write(REQUEST)
    await read_head(reader)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n")

    await drip(writer, reader)

    assert len(running.requests) == 1
    writer.close()


async def test_a_connection_that_says_nothing_ends(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(headers=0.05, idle=60))
    reader, writer = await running.connect()

    async with asyncio.timeout(PATIENCE):
        assert await reader.read() == b""
    writer.close()


async def test_between_requests_a_connection_may_rest_longer(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(headers=0.05, idle=60))
    reader, writer = await running.connect()
    for _ in range(2):
        writer.write(REQUEST)
        await read_head(reader)
        await asyncio.sleep(0.15)  # three times the deadline for headers
    writer.close()

    assert len(running.requests) == 2


async def test_an_idle_connection_forgets_its_last_request_and_takes_the_next(
    listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_REST_AFTER", 0.05)
    running = await listen(limits=ConnectionLimits(headers=60, idle=60))
    reader, writer = await running.connect()
    for _ in range(2):
        writer.write(REQUEST)
        assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
        last = weakref.ref(running.requests.pop())
        async with asyncio.timeout(PATIENCE):
            while gc.collect() >= 0 and last() is not None:
                await asyncio.sleep(0.02)
    writer.close()


async def check_slow_answer(running: Any) -> None:
    """Prove that an answer that takes its time arrives."""

    async def slowly(_request: object) -> web.StreamResponse:
        await asyncio.sleep(0.15)
        return web.Response(text="ok")

    running.answer = slowly
    reader, writer = await running.connect()
    writer.write(REQUEST)

    assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_request_that_is_worked_on_outlives_the_rest(
    listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_REST_AFTER", 0.02)
    await check_slow_answer(await listen(limits=ConnectionLimits(headers=60, idle=60)))


async def test_a_slow_answer_is_no_slow_request(listen: Any) -> None:
    await check_slow_answer(await listen(limits=ConnectionLimits(headers=0.05, idle=60)))


async def test_a_slow_body_is_no_slow_header(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(headers=0.05, idle=60))

    async def read(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text=(await request.read()).decode())

    running.answer = read
    reader, writer = await running.connect()
    writer.write(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\no")
    await asyncio.sleep(0.15)
    writer.write(b"k")

    assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_an_idle_connection_ends_in_the_end(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(headers=60, idle=0.05))
    reader, writer = await running.connect()
    writer.write(REQUEST)
    await read_head(reader)

    async with asyncio.timeout(PATIENCE):
        assert await reader.read() == b""
    writer.close()


async def test_when_it_is_full_the_longest_idle_connection_goes(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(most=2))
    first, second, third = [await running.connect() for _ in range(3)]
    for _, writer in (second, third):
        writer.write(REQUEST)

    async with asyncio.timeout(PATIENCE):
        assert await first[0].read() == b""
    for reader, writer in (second, third):
        assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
        writer.close()
    first[1].close()


async def test_when_all_are_busy_newcomers_are_turned_away(listen: Any) -> None:
    running = await listen(limits=ConnectionLimits(most=2))
    go_on = asyncio.Event()

    async def wait(_request: object) -> web.StreamResponse:
        await go_on.wait()
        return web.Response(text="ok")

    running.answer = wait
    busy = [await running.connect() for _ in range(2)]
    for _, writer in busy:
        writer.write(REQUEST)
    async with asyncio.timeout(PATIENCE):
        while len(running.requests) < 2:
            await asyncio.sleep(0.005)

    reader, writer = await running.connect()
    async with asyncio.timeout(PATIENCE):
        refused = await reader.read()
    writer.close()
    go_on.set()

    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 5" in refused
    for reader, writer in busy:
        assert (await read_head(reader)).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_nonsense_is_refused_in_our_own_words(listen: Any) -> None:
    running = await listen()
    reader, writer = await running.connect()
    with capture_logs() as logs:
        writer.write(b"\x16\x03\x01nonsense\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            answered = await reader.read()
    writer.close()

    assert answered.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close\r\n" in answered
    assert b"Server: tbgateway\r\n" in answered
    assert b"nonsense" not in answered
    assert [entry["log_level"] for entry in logs] == ["info"]


async def test_a_handler_that_fails_shows_nothing_of_it(listen: Any) -> None:
    running = await listen()

    async def fail(_request: object) -> web.StreamResponse:
        raise ZeroDivisionError("secret inside")

    running.answer = fail
    reader, writer = await running.connect()
    writer.write(REQUEST)
    async with asyncio.timeout(PATIENCE):
        answered = await reader.read()
    writer.close()

    assert answered.startswith(b"HTTP/1.1 500 ")
    assert b"secret" not in answered


async def test_who_is_at_the_control_socket_is_judged_once(listen: Any, place: Path) -> None:
    judged: list[int] = []

    def judge(connected: socket.socket) -> Verdict:
        judged.append(connected.family)
        return LocalOperator(7) if len(judged) == 1 else Stranger("another process by now")

    running = await listen(f"unix:{place / 'public'}", control=place / "control", judge=judge)
    for name in ("public", "control"):
        reader, writer = await asyncio.open_unix_connection(str(place / name))
        for _ in range(2):
            writer.write(REQUEST)
            await read_head(reader)
        writer.close()

    peers = [request.peer for request in running.requests]
    assert [peer.door for peer in peers] == 2 * [Door.PUBLIC] + 2 * [Door.CONTROL]
    assert {peer.address for peer in peers} == {"unix"}
    assert [peer.verdict for peer in peers] == 2 * [UNKNOWN] + 2 * [LocalOperator(7)]
    assert judged == [socket.AF_UNIX]


async def test_nobody_is_let_in_by_a_listener_that_cannot_tell(listen: Any, place: Path) -> None:
    running = await listen(control=place / "control")
    reader, writer = await asyncio.open_unix_connection(str(place / "control"))
    writer.write(REQUEST)
    await read_head(reader)
    writer.close()

    assert isinstance(running.requests[0].peer.verdict, Stranger)


async def test_a_tcp_peer_is_its_address(listen: Any) -> None:
    running = await listen("[::1]:0")
    reader, writer = await running.connect()
    writer.write(REQUEST)
    await read_head(reader)
    writer.close()

    assert running.requests[0].peer.address == "::1"
    assert running.requests[0].peer.verdict is UNKNOWN
