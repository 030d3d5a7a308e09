"""Messages that travel with descriptors."""

import os
from collections.abc import Iterator

import pytest

from tbgateway.worker.channel import Channel, Descriptors
from tbgateway.worker.messages import Loading, Ready


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = Channel.pair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_descriptors_stay_with_their_message(ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    reading, writing = os.pipe()
    ours.send(Loading("first"))
    ours.send(Loading("second"), [writing])
    ours.send(Loading("third"))
    os.close(writing)

    first, second, third = (theirs.receive() for _ in range(3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert not first.descriptors
    assert not third.descriptors
    (copy,) = second.descriptors
    assert not os.get_inheritable(copy)
    os.write(copy, b"x")
    os.close(copy)
    assert os.read(reading, 2) == b"x"
    os.close(reading)


def test_the_other_ends_closing_is_seen(ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    ours.send(Ready())
    ours.close()

    received = theirs.receive()
    assert received is not None
    assert received.message == Ready([])
    assert theirs.receive() is None


def test_an_order_without_all_of_its_descriptors_is_refused() -> None:
    reading, writing = os.pipe()

    with pytest.raises(ValueError, match="2 descriptors"):
        Descriptors.received([reading, writing])
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reading)
