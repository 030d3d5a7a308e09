"""A transport over real sockets."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tbgateway.upstream.local_transport import LocalTransport

PATIENCE = 20.0


class Ear(asyncio.Protocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.lost: list[Exception | None] = []
        self.ended = 0

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def eof_received(self) -> None:
        self.ended += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.append(exc)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    with ExitStack() as stack:
        pair = socket.socketpair()
        for one in pair:
            one.setblocking(False)  # noqa: FBT003 - a method of the standard library
            stack.enter_context(one)
        yield pair


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.001)


async def test_what_is_said_is_heard_until_the_end(ends: Any) -> None:
    ours, theirs = ends
    ear = Ear()
    transport = LocalTransport(ours, ear)

    theirs.send(b"one")
    await until(lambda: ear.heard == b"one")
    theirs.close()
    await until(lambda: ear.lost)

    assert (ear.ended, ear.lost) == (1, [None])
    assert transport.is_closing()
    assert "closed" in repr(transport)


async def test_more_than_the_kernel_takes_follows_by_itself(ends: Any) -> None:
    ours, theirs = ends
    transport = LocalTransport(ours, Ear())
    sent = bytes(range(256)) * 16_384

    transport.write(sent)
    transport.write(b"the end")
    assert "0 bytes" not in repr(transport)
    async with asyncio.timeout(PATIENCE):
        taken = bytearray()
        while len(taken) < len(sent) + 7:
            taken += await asyncio.get_running_loop().sock_recv(theirs, 1 << 20)

    assert taken == sent + b"the end"
    transport.close()


async def test_nothing_is_heard_during_a_pause(ends: Any) -> None:
    ours, theirs = ends
    ear = Ear()
    transport = LocalTransport(ours, ear)

    transport.pause_reading()
    transport.pause_reading()
    theirs.send(b"later")
    await asyncio.sleep(0.02)
    assert (bytes(ear.heard), transport.is_reading()) == (b"", False)
    transport.resume_reading()
    await until(lambda: ear.heard == b"later")
    transport.close()


async def test_who_closes_hears_no_more(ends: Any) -> None:
    ours, theirs = ends
    ear = Ear()
    transport = LocalTransport(ours, ear)
    transport.write(bytes(1 << 22))

    transport.close()
    transport.abort()
    transport.write(b"more")
    transport.resume_reading()
    await asyncio.sleep(0.02)

    assert (ear.ended, ear.lost) == (0, [])
    assert ours.fileno() == -1
    assert theirs.recv(10)


async def test_an_answer_is_heard_though_the_rest_of_the_question_cannot_be_sent(
    ends: Any,
) -> None:
    ours, theirs = ends
    ear = Ear()
    transport = LocalTransport(ours, ear)
    theirs.send(b"no")
    theirs.close()

    transport.write(b"question")
    await until(lambda: ear.lost)

    assert ear.heard == b"no"
