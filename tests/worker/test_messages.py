"""What launchers and workers say to each other."""

import pytest

from tbgateway.worker.messages import (
    Ended,
    Failed,
    Launched,
    Loading,
    Message,
    Order,
    Ready,
    Refused,
    Serving,
    Trouble,
    decode,
    encode,
)


@pytest.mark.parametrize(
    "message",
    [
        Order(launch_id="tb1.1", title="ü", logdir="/a b", temporary="/t"),
        Order(
            launch_id="tb1.1",
            title="",
            logdir="/a",
            temporary="/t",
            samples_per_plugin={"images": 0},
        ),
        Order(launch_id="tb1.1", title="", logdir="/a", temporary="/t", readable=["/runs"]),
        Ready(["a problem"]),
        Launched("tb1.1", 17, 4711),
        Refused("tb1.1", "no memory"),
        Ended("tb1.1", 17, -9),
        Loading("event files"),
        Serving(["a note", "two\nlines"], loads_itself=True),
        Trouble("run", "why"),
        Failed("why"),
    ],
)
def test_every_message_comes_back_as_it_went(message: Message) -> None:
    line = encode(message)

    assert decode(line) == message
    assert b"\n" not in line


@pytest.mark.parametrize("line", [b"", b"nonsense", b"[]", b"{}", b'{"say":"ready","no":1}', b"1"])
def test_whatever_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a message|Expecting"):
        decode(line)
