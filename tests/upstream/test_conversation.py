"""One request and its answer, on real unix sockets: every way to frame an answer, or break it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tbgateway.upstream.answer import Answer
from tbgateway.upstream.conversation import Conversation

PATIENCE = 20.0
MOST = 1 << 20

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking_to(place: Path, serve: Serve) -> AsyncIterator[Conversation]:
    """Have a conversation with a server that does as it is told."""
    tasks: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await serve(reader, writer)
        writer.transport.abort()

    async with asyncio.timeout(PATIENCE):
        server = await asyncio.start_unix_server(handle, str(place / "s"))
        talk = Conversation(place / "s")
        try:
            yield talk
        finally:
            talk.close()
            while not tasks:  # the server may not even have noticed
                await asyncio.sleep(0.001)
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks)


def saying(*parts: bytes) -> Serve:
    """Answer with these bytes, one after the other, and close."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write_eof()
        await reader.read()

    return serve


async def ask(talk: Conversation, method: str = "GET") -> Answer:
    return await talk.ask(method, "/", (), None)


@pytest.mark.parametrize(
    "framed",
    [
        b"Content-Length: 4\r\n\r\nbody",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX-Trailer: x\r\n\r\n",
        b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbody",  # it stays as it is
        b"Connection: close\r\n\r\nbody",
    ],
)
async def test_bodies_are_read_however_they_are_framed(short_path: Path, framed: bytes) -> None:
    head, end, rest = framed.partition(b"\r\n\r\n")
    async with talking_to(short_path, saying(b"HTTP/1.1 200 OK\r\n" + head + end, rest)) as talk:
        answer = await ask(talk)

        assert answer.status == 200
        assert await answer.content.read() == b"body"
        assert b"X-Trailer" not in dict(answer.raw_headers)


async def test_the_target_and_the_headers_are_sent_as_they_are(short_path: Path) -> None:
    heard = bytearray()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"\r\n\r\n"))
        heard.extend(await reader.readexactly(4))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()

    async with talking_to(short_path, listen) as talk:
        await talk.ask(
            "POST", "/a%2e%5Fb?c=%zz&d=//", [(b"Accept", b"a"), (b"Accept", b"b")], b"body"
        )

    lines = bytes(heard).split(b"\r\n")
    assert lines[0] == b"POST /a%2e%5Fb?c=%zz&d=// HTTP/1.1"
    assert lines[1:-1] == [
        b"Host: tb",
        b"Accept: a",
        b"Accept: b",
        b"Connection: close",
        b"Content-Length: 4",
        b"",
    ]
    assert lines[-1] == b"body"


async def test_a_header_cannot_begin_another_one(short_path: Path) -> None:
    async with talking_to(short_path, saying(b"")) as talk:
        with pytest.raises(ValueError, match="header"):
            await talk.ask("GET", "/", [(b"Accept", b"a\r\nX-Injected: b")], None)


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_some_answers_have_no_body_whatever_they_announce(
    short_path: Path, status: bytes
) -> None:
    said = b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n\r\n"
    async with talking_to(short_path, saying(said)) as talk:
        assert await (await ask(talk)).whole(0) == b""


async def test_the_answer_to_head_has_none_either(short_path: Path) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    async with talking_to(short_path, saying(said)) as talk:
        answer = await ask(talk, "HEAD")

        assert answer.length == 4
        assert await answer.whole(0) == b""


async def test_interim_answers_are_passed_over(short_path: Path) -> None:
    said = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    )
    async with talking_to(short_path, saying(*said)) as talk:
        answer = await ask(talk)

        assert (answer.status, await answer.content.read()) == (200, b"ok")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_answer_is_an_error(short_path: Path, said: bytes) -> None:
    async with talking_to(short_path, saying(said)) as talk:
        with pytest.raises(aiohttp.ClientError):
            await ask(talk)


@pytest.mark.parametrize(
    "framed",
    [
        b"Content-Length: 100\r\n\r\nhalf",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",
    ],
)
async def test_a_body_that_breaks_off_is_never_taken_for_a_whole_one(
    short_path: Path, framed: bytes
) -> None:
    async with talking_to(short_path, saying(b"HTTP/1.1 200 OK\r\n" + framed)) as talk:
        with pytest.raises(aiohttp.ClientError):  # noqa: PT012 - either may notice it
            answer = await ask(talk)
            await answer.content.read()


async def test_only_bodies_known_to_be_short_are_taken_whole(short_path: Path) -> None:
    said = (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"body")
    async with talking_to(short_path, saying(*said)) as talk:
        answer = await ask(talk)

        assert await answer.whole(3) is None
        assert await answer.whole(4) == b"body"


async def test_a_body_of_unknown_length_is_not_waited_for(short_path: Path) -> None:
    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nbeginning")
        await reader.read()

    async with talking_to(short_path, begin) as talk:
        assert await (await ask(talk)).whole(MOST) is None


async def test_an_answer_that_comes_before_the_request_was_read_is_heard(short_path: Path) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")  # and nothing of the body
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        await asyncio.sleep(PATIENCE)

    async with talking_to(short_path, refuse) as talk:
        answer = await talk.ask("POST", "/", (), b"x" * (8 << 20))

        assert (answer.status, await answer.whole(MOST)) == (413, b"no")


async def test_who_does_not_read_makes_the_board_wait(short_path: Path) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        for _ in range(1000):
            writer.write(b"x" * 100_000)
            await writer.drain()
            sent += 100_000

    async with talking_to(short_path, flood) as talk:
        answer = await ask(talk)
        before = -1
        while sent != before:  # until it stands still
            before = sent
            await asyncio.sleep(0.1)
        held = sent
        while held == sent:  # and goes on as soon as somebody reads
            assert await answer.content.readany()
            await asyncio.sleep(0)

    assert held < 5_000_000


async def test_who_waits_for_a_board_that_is_given_up_hears_of_it(short_path: Path) -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbegin")
        await reader.read()

    async with talking_to(short_path, wait) as talk:
        answer = await ask(talk)
        talk.give_up()
        with pytest.raises(TimeoutError):
            await answer.content.read()


async def test_closing_tells_the_board_even_with_a_body_on_its_way(short_path: Path) -> None:
    ended = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        while await reader.read(1 << 20):
            pass
        ended.set()

    async with talking_to(short_path, hang) as talk:
        asking = asyncio.ensure_future(talk.ask("POST", "/", (), b"x" * (8 << 20)))
        await asyncio.sleep(0.01)
        talk.close()
        await ended.wait()
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_where_nobody_listens_there_is_no_conversation(short_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Conversation(short_path / "nothing")
