"""What a board says of itself comes in whole lines, each short enough for a pipe."""

import os
import select
from collections.abc import Iterator
from typing import Any

import pytest

from tbgateway.worker.messages import Message, Serving, Trouble, decode
from tbgateway.worker.status import Status


class Heard:
    """The reading end of a status pipe."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def messages(self) -> list[Message]:
        text = b""
        while select.select([self._descriptor], [], [], 0)[0]:
            text += os.read(self._descriptor, 65536)
        assert all(len(line) < select.PIPE_BUF for line in text.splitlines())
        return [decode(line) for line in text.splitlines()]


@pytest.fixture
def pipe() -> Iterator[tuple[Status, Heard]]:
    reading, writing = os.pipe()
    yield Status(writing), Heard(reading)
    os.close(reading)
    os.close(writing)


def test_notes_are_said_when_it_serves_and_again_when_there_are_more(pipe: Any) -> None:
    status, heard = pipe
    status.note("plugin x is left out")
    assert heard.messages() == []
    status.serving(("Python loader",), loads_itself=True)
    told = Serving(["Python loader", "plugin x is left out"], loads_itself=True)
    assert heard.messages() == [told]
    status.note("plugin y: is_active failed")
    (again,) = heard.messages()
    assert again.loads_itself
    assert again.notes[-1] == "plugin y: is_active failed"


def test_endless_notes_and_troubles_are_cut(pipe: Any) -> None:
    status, heard = pipe
    status.serving(tuple("\0" * 1000 for _ in range(100)), loads_itself=False)
    status.trouble("a", "é" * 10_000)
    status.trouble("b" * 10_000, "broken")
    status.trouble("c", "")
    serving, trouble, over = heard.messages()
    assert serving.notes
    assert trouble.why.endswith("…")
    assert over == Trouble("c", "")
