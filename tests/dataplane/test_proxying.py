"""Bytes through a board, both ways, and what happens when either end leaves."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tbgateway import routes
from tbgateway.dataplane import proxying
from tbgateway.upstream import Upstream

PATIENCE = 20.0
CLOSE = b"Connection: close\r\n"


def head_of(gateway: Any, target: str = "/boards/vision/x", method: str = "GET") -> bytes:
    auth = gateway.basic("vision-user", "vision-password")
    return (
        f"{method} {target} HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: {auth}\r\n"
    ).encode()


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


def says(response: bytes) -> Callable[..., Awaitable[None]]:
    async def answer(_head: bytes, _reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(response)

    return answer


async def test_chunks_pass_as_soon_as_they_are_there(gateway: Any) -> None:
    go_on = asyncio.Event()

    async def slowly(_head: bytes, _reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst")
        await writer.drain()
        await go_on.wait()
        writer.write(b"second")

    gateway.fake("vision").answer = slowly
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway) + CLOSE + b"\r\n")

    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"\r\n\r\n5\r\nfirst\r\n")  # while the board still works
        go_on.set()
        rest = await reader.read()
    writer.close()

    assert rest == b"6\r\nsecond\r\n0\r\n\r\n"


async def test_an_upload_passes_as_it_arrives(gateway: Any) -> None:
    seen: list[bytes] = []

    async def read_on(_head: bytes, reader: asyncio.StreamReader, writer: Any) -> None:
        seen.append(await reader.readexactly(4))
        seen.append(await reader.readexactly(4))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    gateway.fake("vision").answer = read_on
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway, method="POST") + CLOSE + b"Content-Length: 8\r\n\r\nabcd")
    await until(lambda: seen)
    writer.write(b"efgh")
    reply = await gateway.read_reply(reader)
    writer.close()

    assert reply.status == 200
    assert seen == [b"abcd", b"efgh"]
    assert b"Content-Length: 8\r\n" in gateway.fake("vision").requests[0]


async def test_a_large_upload_and_download_arrive_whole(gateway: Any) -> None:
    body = bytes(range(33, 127)) * 30_000

    reply = await gateway.ask(
        "/boards/vision/x",
        method="POST",
        auth=gateway.basic("vision-user", "vision-password"),
        body=body,
    )

    assert reply.json()["body"].encode() == body


async def test_a_chunked_upload_arrives_whole(gateway: Any) -> None:
    reply = await gateway.raw(
        head_of(gateway, method="POST")
        + CLOSE
        + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    )

    assert reply.json()["body"] == "abcdefg"


async def test_a_board_takes_eight_mebibytes_at_most(gateway: Any) -> None:
    reply = await gateway.ask(
        "/boards/vision/x",
        method="POST",
        auth=gateway.basic("vision-user", "vision-password"),
        body=b"x" * (8 * 1_048_576 + 1),
    )

    assert reply.status == 413


async def test_a_client_that_waits_to_be_asked_is_asked_after_the_login(gateway: Any) -> None:
    request = CLOSE + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway, method="POST") + request)
    asked = await gateway.read_reply(reader)
    writer.write(b"abc")
    answered = await gateway.read_reply(reader)
    writer.close()
    refused = await gateway.raw(b"POST /boards/vision/x HTTP/1.1\r\nHost: h\r\n" + request)

    assert (asked.status, answered.status, refused.status) == (100, 200, 401)
    assert answered.json()["body"] == "abc"
    assert "expect" not in str(answered.json()["headers"]).lower()


async def test_a_body_that_breaks_off_is_the_clients_fault(gateway: Any) -> None:
    reply = await gateway.raw(
        head_of(gateway, method="POST") + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n"
    )

    assert reply.status == 400


async def test_a_body_that_stops_arriving_is_given_up(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "CLIENT_PATIENCE", 0.05)

    reply = await gateway.raw(
        head_of(gateway, method="POST") + CLOSE + b"Content-Length: 9\r\n\r\nabc"
    )

    assert reply.status == 400
    assert b"stopped arriving" in reply.body


async def test_a_client_that_does_not_read_is_given_up(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
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
    writer.write(head_of(gateway) + b"\r\n")

    async with asyncio.timeout(PATIENCE):
        await left.wait()
    writer.close()


async def test_head_has_the_length_and_no_body(gateway: Any) -> None:
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway, method="HEAD") + CLOSE + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        answered = await reader.read()
    writer.close()

    assert b"Content-Length: " in answered
    assert answered.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_a_body_stay_so(gateway: Any, status: int) -> None:
    gateway.fake("vision").answer = says(
        b'HTTP/1.1 %d X\r\nETag: "1"\r\nConnection: close\r\n\r\n' % status
    )
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway) + CLOSE + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        answered = await reader.read()
    writer.close()

    assert answered.startswith(b"HTTP/1.1 %d " % status)
    assert b'ETag: "1"' in answered
    assert b"Transfer-Encoding" not in answered
    assert answered.endswith(b"\r\n\r\n")


async def test_compressed_answers_pass_untouched(gateway: Any) -> None:
    gateway.fake("vision").answer = says(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip"
    )

    reply = await gateway.raw(head_of(gateway) + CLOSE + b"\r\n")

    assert reply.body == b"no gzip"
    assert reply.header("Content-Encoding") == "gzip"


async def test_compressed_requests_pass_untouched(gateway: Any) -> None:
    reply = await gateway.raw(
        head_of(gateway, method="POST")
        + CLOSE
        + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip"
    )

    assert reply.json()["body"] == "no gzip"


async def test_http_1_0_clients_get_the_body_to_its_end(gateway: Any) -> None:
    gateway.fake("vision").answer = says(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
    request = head_of(gateway).replace(b"HTTP/1.1", b"HTTP/1.0")

    reply = await gateway.raw(request + b"\r\n")

    assert reply.header("Transfer-Encoding") is None
    assert reply.body == b"all of it"


async def test_the_connection_to_the_client_stays_open(gateway: Any) -> None:
    reader, writer = await gateway.connect()
    for number in range(3):
        writer.write(head_of(gateway, f"/boards/vision/{number}") + b"\r\n")
        reply = await gateway.read_reply(reader)
        assert reply.status == 200
        assert reply.header("Connection") is None
    writer.close()

    assert gateway.fake("vision").targets == ["/0", "/1", "/2"]


async def test_when_the_client_leaves_the_board_is_told(gateway: Any) -> None:
    left = asyncio.Event()

    async def wait(_head: bytes, reader: asyncio.StreamReader, _writer: Any) -> None:
        await reader.read()
        left.set()

    gateway.fake("vision").answer = wait
    _, writer = await gateway.connect()
    writer.write(head_of(gateway) + b"\r\n")
    await until(lambda: gateway.fake("vision").requests)
    writer.close()

    async with asyncio.timeout(PATIENCE):
        await left.wait()
    await until(lambda: not any(up.in_flight for up in gateway.upstreams.values()))


async def test_a_board_that_ends_within_its_answer_cuts_the_connection(gateway: Any) -> None:
    gateway.fake("vision").answer = says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway) + b"\r\n")

    async with asyncio.timeout(PATIENCE):
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(10_000)
    writer.close()


async def test_a_chunked_answer_that_breaks_off_has_no_end(gateway: Any) -> None:
    gateway.fake("vision").answer = says(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
    )
    reader, writer = await gateway.connect()
    writer.write(head_of(gateway) + b"\r\n")

    answered = b""
    async with asyncio.timeout(PATIENCE):
        try:
            while data := await reader.read(1000):
                answered += data
        except ConnectionError:
            pass
    writer.close()

    assert b"0\r\n\r\n" not in answered
    assert answered.count(b"HTTP/1.1") == 1


async def replaced(gateway: Any) -> None:
    """Let the board's process end and another generation take over, as the supervisor would."""
    board = gateway.house.boards["vision"]
    old = gateway.upstreams[board.id]
    fake = gateway.fake("vision")
    await until(lambda: fake.requests)
    fake.answer = None
    gateway.upstreams[board.id] = Upstream(fake.path)
    await old.close()


async def test_a_read_is_repeated_when_the_board_ends_before_it_answers(gateway: Any) -> None:
    gateway.fake("vision").answer = says(b"")

    reply, _ = await asyncio.gather(
        gateway.raw(head_of(gateway) + CLOSE + b"\r\n"), replaced(gateway)
    )

    assert reply.status == 200
    assert gateway.fake("vision").targets == ["/x", "/x"]


async def test_a_read_that_hangs_in_an_ended_board_is_repeated(gateway: Any) -> None:
    async def hang(_head: bytes, reader: asyncio.StreamReader, _writer: Any) -> None:
        await reader.read()

    gateway.fake("vision").answer = hang

    reply, _ = await asyncio.gather(
        gateway.raw(head_of(gateway) + CLOSE + b"\r\n"), replaced(gateway)
    )

    assert reply.status == 200


async def test_what_was_sent_with_post_is_not_sent_twice(gateway: Any) -> None:
    gateway.fake("vision").answer = says(b"")

    reply, _ = await asyncio.gather(
        gateway.raw(head_of(gateway, method="POST") + CLOSE + b"Content-Length: 3\r\n\r\nabc"),
        replaced(gateway),
    )

    assert reply.status == 503
    assert b"ended before it had answered" in reply.body
    assert reply.header("Retry-After") == "1"
    assert gateway.fake("vision").targets == ["/x"]


async def test_a_draining_board_passes_requests_to_its_successor(gateway: Any) -> None:
    board = gateway.house.boards["vision"]
    old = gateway.upstreams[board.id]
    new = Upstream(old.endpoint)
    offers = [old, new]

    async def offer(_board_id: object) -> Upstream:
        return offers.pop(0)

    await old.drained(1)
    gateway.offer = offer

    reply = await gateway.raw(
        head_of(gateway, method="POST") + CLOSE + b"Content-Length: 3\r\n\r\nabc"
    )
    await new.close()

    assert reply.json()["body"] == "abc"


async def test_without_a_successor_the_failure_is_said(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxying, "_NEWS_PATIENCE", 0.01)
    gateway.fake("vision").answer = says(b"")

    reply = await gateway.raw(head_of(gateway) + CLOSE + b"\r\n")

    assert reply.status == 503
    assert reply.header("X-Frame-Options") == "DENY"


async def test_an_answer_that_is_no_http_is_a_failure(
    gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proxying, "_NEWS_PATIENCE", 0.01)
    gateway.fake("vision").answer = says(b"SSH-2.0-OpenSSH\r\n\r\n")

    reply = await gateway.raw(head_of(gateway) + CLOSE + b"\r\n")

    assert reply.status == 503


async def test_a_full_board_asks_to_come_back(gateway: Any) -> None:
    board = gateway.house.boards["vision"]
    old = gateway.upstreams[board.id]
    full = gateway.upstreams[board.id] = Upstream(old.endpoint, at_once=1, queued=0)
    await old.close()

    async with full.request():
        reply = await gateway.raw(head_of(gateway) + CLOSE + b"\r\n")

    assert (reply.status, reply.header("Retry-After")) == (503, "1")
