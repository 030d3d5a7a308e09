"""What happens when a board, or a client, leaves in the middle."""

import asyncio
from typing import Any

import pytest
from raw_board import says
from raw_http import PATIENCE, until
from small_gateway import CLOSE, SmallGateway, head_of

from tbgateway import routes
from tbgateway.dataplane import proxying
from tbgateway.upstream import Upstream


async def test_a_board_that_ends_within_its_answer_cuts_the_connection(
    gateway: SmallGateway,
) -> None:
    gateway.fake("vision").answer = says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    reader, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")

    async with asyncio.timeout(PATIENCE):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(10_000)
    writer.close()


async def test_a_chunked_answer_that_breaks_off_has_no_end(gateway: SmallGateway) -> None:
    gateway.fake("vision").answer = says(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
    )
    reader, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")

    answered = b""
    async with asyncio.timeout(PATIENCE):
        try:
            while data := await reader.read(1000):
                answered += data
        except ConnectionError:
            pass
    writer.close()

    assert not answered.endswith(b"\r\n0\r\n\r\n")
    assert answered.count(b"HTTP/1.1") <= 1


async def replaced(gateway: SmallGateway) -> None:
    """Let the board's process end and another generation take over, as the supervisor would."""
    board = gateway.house.boards["vision"]
    old = gateway.upstreams[board.id]
    fake = gateway.fake("vision")
    await until(lambda: fake.requests)
    fake.answer = None
    gateway.upstreams[board.id] = Upstream(fake.path)
    await old.close()


async def test_a_read_is_repeated_when_the_board_ends_before_it_answers(
    gateway: SmallGateway,
) -> None:
    gateway.fake("vision").answer = says(b"")

    reply, _ = await asyncio.gather(gateway.raw(head_of() + CLOSE + b"\r\n"), replaced(gateway))

    assert reply.status == 200
    assert gateway.fake("vision").targets == ["/x", "/x"]


async def test_a_read_that_hangs_in_an_ended_board_is_repeated(gateway: SmallGateway) -> None:
    async def hang(_head: bytes, reader: asyncio.StreamReader, _writer: Any) -> None:
        await reader.read()

    gateway.fake("vision").answer = hang

    reply, _ = await asyncio.gather(gateway.raw(head_of() + CLOSE + b"\r\n"), replaced(gateway))

    assert reply.status == 200


async def test_what_was_sent_with_post_is_not_sent_twice(gateway: SmallGateway) -> None:
    gateway.fake("vision").answer = says(b"")

    reply, _ = await asyncio.gather(
        gateway.raw(head_of(method="POST") + CLOSE + b"Content-Length: 3\r\n\r\nabc"),
        replaced(gateway),
    )

    assert reply.status == 503
    assert b"ended before it had answered" in reply.body
    assert reply.header("Retry-After") == "1"
    assert gateway.fake("vision").targets == ["/x"]


async def test_a_draining_board_passes_requests_to_its_successor(gateway: SmallGateway) -> None:
    board = gateway.house.boards["vision"]
    old = gateway.upstreams[board.id]
    new = Upstream(old.endpoint)
    offers = [old, new]

    async def offer(_board_id: object) -> Upstream:
        return offers.pop(0)

    await old.drained(1)
    gateway.offer = offer

    reply = await gateway.raw(head_of(method="POST") + CLOSE + b"Content-Length: 3\r\n\r\nabc")
    await new.close()

    assert reply.json()["body"] == "abc"


async def test_without_a_successor_the_failure_is_said(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxying, "_NEWS_PATIENCE", 0.01)
    gateway.fake("vision").answer = says(b"")

    reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert reply.status == 503
    assert reply.header("X-Frame-Options") == "DENY"


async def test_an_answer_that_is_no_http_is_a_failure(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxying, "_NEWS_PATIENCE", 0.01)
    gateway.fake("vision").answer = says(b"SSH-2.0-OpenSSH\r\n\r\n")

    reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert reply.status == 503


async def test_a_full_board_asks_to_come_back(gateway: SmallGateway) -> None:
    board = gateway.house.boards["vision"]
    old = gateway.upstreams[board.id]
    full = gateway.upstreams[board.id] = Upstream(old.endpoint, at_once=1, queued=0)
    await old.close()

    async with full.request():
        reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert (reply.status, reply.header("Retry-After")) == (503, "1")


async def test_a_body_that_stops_arriving_is_given_up(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "CLIENT_PATIENCE", 0.05)

    reply = await gateway.raw(head_of(method="POST") + CLOSE + b"Content-Length: 9\r\n\r\nabc")

    assert reply.status == 400
    assert b"stopped arriving" in reply.body


async def test_a_client_that_does_not_read_is_given_up(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxying, "CLIENT_PATIENCE", 0.05)
    left = asyncio.Event()

    async def flood(_head: bytes, _reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 1_000_000)
                await writer.drain()
        except ConnectionError:
            left.set()

    gateway.fake("vision").answer = flood
    _, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")

    async with asyncio.timeout(PATIENCE):
        await left.wait()
    writer.close()


async def test_when_the_client_leaves_the_board_is_told(gateway: SmallGateway) -> None:
    left = asyncio.Event()

    async def wait(_head: bytes, reader: asyncio.StreamReader, _writer: Any) -> None:
        await reader.read()
        left.set()

    gateway.fake("vision").answer = wait
    _, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")
    await until(lambda: gateway.fake("vision").requests)
    writer.close()

    async with asyncio.timeout(PATIENCE):
        await left.wait()
    await until(lambda: not any(up.in_flight for up in gateway.upstreams.values()))


async def test_a_body_that_breaks_off_is_the_clients_fault(gateway: SmallGateway) -> None:
    reply = await gateway.raw(
        head_of(method="POST") + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
    )

    assert reply.status == 400
