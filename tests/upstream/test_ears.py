"""Many sockets, watched as one."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from tbgateway.upstream.ears import Ears

PATIENCE = 20.0

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pairs() -> Iterator[list[Pair]]:
    """Return a hundred pairs of sockets."""
    made = [socket.socketpair() for _ in range(100)]
    yield made
    for one, other in made:
        one.close()
        other.close()


async def test_everybody_who_has_something_to_read_is_told(pairs: list[Pair]) -> None:
    ears = Ears.of(asyncio.get_running_loop())
    heard: set[bytes] = set()
    everything = {b"%d" % number for number in range(len(pairs))}
    for (ours, theirs), said in zip(pairs, everything, strict=True):
        ears.listen(ours.fileno(), lambda ours=ours: heard.add(ours.recv(10)))
        theirs.send(said)

    async with asyncio.timeout(PATIENCE):
        while heard != everything:
            await asyncio.sleep(0)

    for ours, _ in pairs:
        ears.ignore(ours.fileno())
    assert repr(ears) == "<Ears 0 sockets>"


async def test_one_that_is_told_may_end_another(pairs: list[Pair]) -> None:
    """Both had something to read when the kernel was asked."""
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _loop, context: errors.append(context))
    ears = Ears.of(loop)
    (one, its_end), (other, others_end), *_ = pairs
    told: list[str] = []

    def end(name: str, neighbour: socket.socket, own: socket.socket) -> None:
        told.append(name)
        ears.ignore(own.fileno())
        ears.ignore(neighbour.fileno())

    ears.listen(one.fileno(), lambda: end("one", other, one))
    ears.listen(other.fileno(), lambda: end("other", one, other))
    its_end.send(b"x")
    others_end.send(b"x")
    await asyncio.sleep(0.05)

    assert len(told) == 1
    assert not errors


async def test_an_error_with_one_socket_takes_nothing_from_the_others(pairs: list[Pair]) -> None:
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _loop, context: errors.append(context["exception"]))
    ears = Ears.of(loop)
    (bad, its_end), (good, others_end), *_ = pairs
    heard = asyncio.Event()

    def fail() -> None:
        ears.ignore(bad.fileno())
        raise ValueError("nothing can be done with this")

    ears.listen(bad.fileno(), fail)
    ears.listen(good.fileno(), lambda: (good.recv(1), heard.set()))
    its_end.send(b"x")
    others_end.send(b"x")

    async with asyncio.timeout(PATIENCE):
        await heard.wait()
        while not errors:
            await asyncio.sleep(0)
    ears.ignore(good.fileno())


async def test_the_ears_of_a_loop_are_always_the_same() -> None:
    loop = asyncio.get_running_loop()

    assert Ears.of(loop) is Ears.of(loop)
