"""What happens when a board, or a client, leaves in the middle."""

import asyncio
import errno
import socket
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from aiohttp import web
from raw_board import says
from raw_http import PATIENCE, until
from small_gateway import CLOSE, SmallGateway, StartGateway, head_of
from structlog.testing import capture_logs

from tbgateway import routes
from tbgateway.dataplane import answer_relay, proxying
from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.means import Next
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.routes import Exchange
from tbgateway.upstream import Upstream, requests_in_flight


async def test_a_board_that_ends_within_its_answer_cuts_the_connection(
    gateway: SmallGateway,
) -> None:
    gateway.fake("vision").answer = says(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nonly this"
    )
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


@pytest.mark.parametrize(
    ("answers", "said"),
    [(True, b"is busy with this"), (False, b"does not answer: its TensorBoard hangs")],
    ids=["a busy board", "a hung board"],
)
async def test_who_waited_too_long_is_told_what_for(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch, *, answers: bool, said: bytes
) -> None:
    async def hang(_head: bytes, reader: asyncio.StreamReader, _writer: Any) -> None:
        await reader.read()

    monkeypatch.setattr(requests_in_flight, "SILENCE", 0.05)
    gateway.fake("vision").answer = hang
    gateway.upstreams[gateway.house.boards["vision"].id].answers = answers

    reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert reply is not None
    assert reply.status == 504
    assert said in reply.body


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_who_comes_to_a_board_that_hangs_is_told_so_when_its_successor_takes_long(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Nothing is sent twice, and nobody waits for long."""

    async def hang(_head: bytes, reader: asyncio.StreamReader, _writer: Any) -> None:
        await reader.read()

    async def offer(_board_id: object) -> Upstream:
        return old if not fake.requests else await asyncio.Future()

    async def found_to_hang() -> None:
        await until(lambda: fake.requests)
        old.answers = False
        await old.close()

    monkeypatch.setattr(proxying, "_LONGEST_HANG", 0.1)
    fake, old = gateway.fake("vision"), gateway.upstreams[gateway.house.boards["vision"].id]
    fake.answer = hang
    gateway.offer = offer
    reply, _ = await asyncio.gather(
        gateway.raw(head_of(method=method) + CLOSE + b"\r\n"), found_to_hang()
    )

    assert (reply.status, reply.header("Retry-After")) == (504, "5")
    assert b"does not answer" in reply.body
    assert fake.targets == ["/x"]


async def test_a_short_answer_that_breaks_off_is_asked_for_again(gateway: SmallGateway) -> None:
    """Nothing of it was passed on, so nobody needs to know."""
    gateway.fake("vision").answer = says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    reply, _ = await asyncio.gather(gateway.raw(head_of() + CLOSE + b"\r\n"), replaced(gateway))

    assert reply.status == 200
    assert reply.json()["line"] == "GET /x HTTP/1.1"


async def test_a_board_whose_socket_takes_no_more_is_busy_and_not_ended(
    gateway: SmallGateway,
) -> None:
    """It lives: nobody waits for its successor."""
    board = gateway.house.boards["vision"]
    path = gateway.place / "full"
    with ExitStack() as waiting, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(0)
        with suppress(BlockingIOError):
            while True:
                caller = waiting.enter_context(socket.socket(socket.AF_UNIX))
                caller.settimeout(0)
                caller.connect(str(path))
        gateway.upstreams[board.id] = Upstream(path)
        reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert reply is not None
    assert reply.status == 503
    assert b"has more requests waiting than it can take" in reply.body
    assert reply.header("Retry-After") == "1"


async def test_what_was_sent_with_post_is_not_sent_twice(gateway: SmallGateway) -> None:
    gateway.fake("vision").answer = says(b"")

    reply, _ = await asyncio.gather(
        gateway.raw(head_of(method="POST") + CLOSE + b"Content-Length: 3\r\n\r\nabc"),
        replaced(gateway),
    )

    assert reply.status == 503
    assert b"The board's TensorBoard ended" in reply.body
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


async def flood(_head: bytes, _reader: Any, writer: asyncio.StreamWriter) -> None:
    """Answer without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b"x" * 1_000_000)
        await writer.drain()


async def test_a_client_that_does_not_read_leaves_its_place_to_others(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_relay, "_MOST_WAIT", 0.05)
    upstream = with_one_place(gateway)
    gateway.fake("vision").answer = flood
    _, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")
    await until(lambda: gateway.fake("vision").requests)
    gateway.fake("vision").answer = None

    reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert reply.status == 200
    writer.close()
    await upstream.close()


async def test_a_client_that_reads_too_slowly_is_given_up(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never stops for long, so no single write waits for long."""
    monkeypatch.setattr(answer_relay, "_MOST_WAIT", 0.5)
    monkeypatch.setattr(answer_relay, "_LEAST_PACE", 1e12)
    gateway.fake("vision").answer = flood
    reader, writer = await gateway.connect()
    with capture_logs() as logs:
        writer.write(head_of() + b"\r\n")
        async with asyncio.timeout(PATIENCE):
            while not lines(logs, "client left"):
                await reader.read(100_000)
                await asyncio.sleep(0.005)
        await until(lambda: lines(logs, "request"))
    writer.close()

    assert [line["reason"] for line in lines(logs, "client left")] == ["it reads too slowly"]
    assert [line["status"] for line in lines(logs, "request")] == [499]


def with_one_place(gateway: SmallGateway) -> Upstream:
    """Let the board work on one request at a time."""
    board = gateway.house.boards["vision"]
    upstream = Upstream(gateway.upstreams[board.id].endpoint, at_once=1)

    async def offer(_board_id: object) -> Upstream:
        return upstream

    gateway.offer = offer
    return upstream


def lines(logs: list[Any], event: str) -> list[Any]:
    return [entry for entry in logs if entry["event"] == event]


async def test_a_client_that_leaves_in_the_middle_is_logged_as_such(gateway: SmallGateway) -> None:
    gateway.fake("vision").answer = flood
    reader, writer = await gateway.connect()
    with capture_logs() as logs:
        writer.write(head_of() + b"\r\n")
        await reader.readexactly(1000)
        writer.transport.abort()
        await until(lambda: lines(logs, "request"))

    assert [line["status"] for line in lines(logs, "request")] == [499]
    assert not lines(logs, "answer cut short")


async def test_a_connection_that_is_closing_is_no_fault_of_the_boards(
    start_gateway: StartGateway,
) -> None:
    async def closing(_means: Any, exchange: Exchange, call_next: Next) -> web.StreamResponse:
        request = incoming(exchange)
        request.before_headers(lambda _response: request.transport.abort())
        return await call_next(exchange)

    gateway = await start_gateway(steps=(*STEPS[:-1], closing, STEPS[-1]))
    with capture_logs() as logs:
        assert await gateway.raw(head_of() + b"\r\n") is None
        await until(lambda: lines(logs, "request"))

    assert [line["status"] for line in lines(logs, "request")] == [499]
    assert lines(logs, "client left")
    assert not lines(logs, "answer cut short")
    assert not lines(logs, "internal error")


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


async def test_a_gateway_without_descriptors_says_so_and_blames_no_board(
    gateway: SmallGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("tbgateway.upstream.conversation.LocalTransport.connect", without)
    reader, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
    assert b" 503 " in head
    assert b"Retry-After: 2" in head
    writer.close()
