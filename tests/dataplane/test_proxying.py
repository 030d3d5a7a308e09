"""Bytes through a board, both ways, and what happens when either end leaves."""

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import pytest
from raw_board import says
from raw_http import PATIENCE, read_reply
from small_gateway import CLOSE, SmallGateway, head_of
from small_house import basic


@pytest.fixture
def kept_garbage() -> Iterator[list[object]]:
    """Have what only the collector can free, as it finds it."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield gc.garbage
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()


async def test_a_request_leaves_nothing_to_the_garbage_collector(
    gateway: SmallGateway, kept_garbage: list[object]
) -> None:
    await gateway.ask("/boards/vision/x", auth=basic("vision-user", "vision-password"))
    reader, writer = await gateway.connect()
    writer.write(head_of() + b"\r\n")
    await read_reply(reader)
    await asyncio.sleep(0.01)

    gc.collect()

    kinds = {type(one).__qualname__ for one in kept_garbage}
    ours = {"IncomingRequest", "Exchange", "Response", "Conversation", "LocalTransport"}
    assert not kinds & ours
    writer.close()


async def test_chunks_pass_as_soon_as_they_are_there(gateway: SmallGateway) -> None:
    go_on = asyncio.Event()

    async def slowly(_head: bytes, _reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfirst")
        await writer.drain()
        await go_on.wait()
        writer.write(b"second")

    gateway.fake("vision").answer = slowly
    reader, writer = await gateway.connect()
    writer.write(head_of() + CLOSE + b"\r\n")

    async with asyncio.timeout(PATIENCE):
        await reader.readuntil(b"\r\n\r\n5\r\nfirst\r\n")  # while the board still works
        go_on.set()
        rest = await reader.read()
    writer.close()

    assert rest == b"6\r\nsecond\r\n0\r\n\r\n"


async def test_a_large_upload_and_download_arrive_whole(gateway: SmallGateway) -> None:
    body = bytes(range(33, 127)) * 30_000

    reply = await gateway.ask(
        "/boards/vision/x",
        method="POST",
        auth=basic("vision-user", "vision-password"),
        body=body,
    )

    assert reply.json()["body"].encode() == body
    assert b"Content-Length: %d\r\n" % len(body) in gateway.fake("vision").requests[0]


async def test_a_chunked_upload_arrives_whole(gateway: SmallGateway) -> None:
    reply = await gateway.raw(
        head_of(method="POST")
        + CLOSE
        + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    )

    assert reply.json()["body"] == "abcdefg"


async def test_a_post_without_a_body_arrives_without_one(gateway: SmallGateway) -> None:
    for length in (b"", b"Content-Length: 0\r\n"):
        reply = await gateway.raw(head_of(method="POST") + CLOSE + length + b"\r\n")

        assert reply.json()["body"] == ""
        names = [name.lower() for name, _ in reply.json()["headers"]]
        assert names.count("content-length") == 1
        assert "content-type" not in names


async def test_a_board_takes_eight_mebibytes_at_most(gateway: SmallGateway) -> None:
    reply = await gateway.ask(
        "/boards/vision/x",
        method="POST",
        auth=basic("vision-user", "vision-password"),
        body=b"x" * (8 * 1_048_576 + 1),
    )

    assert reply.status == 413


async def test_a_client_that_waits_to_be_asked_is_asked_after_the_login(
    gateway: SmallGateway,
) -> None:
    request = CLOSE + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    reader, writer = await gateway.connect()
    writer.write(head_of(method="POST") + request)
    asked = await read_reply(reader)
    writer.write(b"abc")
    answered = await read_reply(reader)
    writer.close()
    refused = await gateway.raw(b"POST /boards/vision/x HTTP/1.1\r\nHost: h\r\n" + request)

    assert (asked.status, answered.status, refused.status) == (100, 200, 401)
    assert answered.json()["body"] == "abc"
    assert "expect" not in str(answered.json()["headers"]).lower()


async def test_head_has_the_length_and_no_body(gateway: SmallGateway) -> None:
    reader, writer = await gateway.connect()
    writer.write(head_of(method="HEAD") + CLOSE + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        answered = await reader.read()
    writer.close()

    assert b"Content-Length: " in answered
    assert answered.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_without_a_body_stay_so(gateway: SmallGateway, status: int) -> None:
    gateway.fake("vision").answer = says(
        b'HTTP/1.1 %d X\r\nETag: "1"\r\nConnection: close\r\n\r\n' % status
    )
    reader, writer = await gateway.connect()
    writer.write(head_of() + CLOSE + b"\r\n")
    async with asyncio.timeout(PATIENCE):
        answered = await reader.read()
    writer.close()

    assert answered.startswith(b"HTTP/1.1 %d " % status)
    assert b'ETag: "1"' in answered
    assert b"Transfer-Encoding" not in answered
    assert answered.endswith(b"\r\n\r\n")


async def test_compressed_answers_pass_untouched(gateway: SmallGateway) -> None:
    gateway.fake("vision").answer = says(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip"
    )

    reply = await gateway.raw(head_of() + CLOSE + b"\r\n")

    assert reply.body == b"no gzip"
    assert reply.header("Content-Encoding") == "gzip"


async def test_compressed_requests_pass_untouched(gateway: SmallGateway) -> None:
    reply = await gateway.raw(
        head_of(method="POST")
        + CLOSE
        + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip"
    )

    assert reply.json()["body"] == "no gzip"


async def test_http_1_0_clients_get_the_body_to_its_end(gateway: SmallGateway) -> None:
    gateway.fake("vision").answer = says(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
    request = head_of().replace(b"HTTP/1.1", b"HTTP/1.0")

    reply = await gateway.raw(request + b"\r\n")

    assert reply.header("Transfer-Encoding") is None
    assert reply.body == b"all of it"


async def test_the_connection_to_the_client_stays_open(gateway: SmallGateway) -> None:
    reader, writer = await gateway.connect()
    for number in range(3):
        writer.write(head_of(f"/boards/vision/{number}") + b"\r\n")
        reply = await read_reply(reader)
        assert reply.status == 200
        assert reply.header("Connection") is None
    writer.close()

    assert gateway.fake("vision").targets == ["/0", "/1", "/2"]
