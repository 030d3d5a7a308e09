"""The plainest answers, and everything else that must not be taken for one."""

import asyncio
from typing import Any

import pytest
from aiohttp.client_proto import ResponseHandler
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.upstream.whole_answer import read_whole


def test_a_plain_answer_is_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Empty:\r\ncontent-length:  4 \r\n"
    said = head + b"\r\nbody"

    assert read_whole(said) == (
        200,
        ((b"Content-Type", b"text/plain"), (b"X-Empty", b""), (b"content-length", b"4")),
        b"body",
    )


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\n Content-Length: 4\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n folded\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: a\nY: b\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: a\rb\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: a\x00b\r\n\r\nbody",
        b"HTTP/1.1 200 OK\nContent-Length: 4\n\nbody",
        b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/2 200 OK\r\nContent-Length: 4\r\n\r\nbody",
        b"SSH-2.0-OpenSSH\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_whatever_is_not_plain_is_left_to_a_parser(said: bytes) -> None:
    assert read_whole(said) is None


_PIECES = st.sampled_from(
    (
        *(b"HTTP/1.1 200 OK", b"HTTP/1.0 404 No", b"HTTP/1.1 304 Not Modified"),
        *(b"\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"\r", b" ", b":", b"\x00", b"\xff", b"2", b"ok"),
        *(b"Content-Length: 2", b"Content-Length: 0", b"content-length:2", b"X: y", b"X:\t"),
        b"Transfer-Encoding: chunked",
    )
)


def parsed(said: bytes) -> tuple[int, Any, bytes]:
    """Return what aiohttp's parser makes of it."""

    async def parse() -> tuple[int, Any, bytes]:
        handler = ResponseHandler(asyncio.get_running_loop())
        handler.set_response_params(read_until_eof=True, auto_decompress=False)
        handler.data_received(said)
        message, content = await handler.read()
        return message.code, message.raw_headers, content.read_nowait()

    return asyncio.run(parse())


@given(st.lists(_PIECES, max_size=9).map(b"".join) | st.just(b""))
def test_what_is_read_a_parser_reads_in_the_same_way(tail: bytes) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + tail
    for text in (tail, said, said + b"\r\n\r\nok"):
        read = read_whole(text)
        if read is not None:
            assert read == parsed(text)
