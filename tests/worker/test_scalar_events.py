import math
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_events import event, simple, tensor
from tensorboard.compat.proto.event_pb2 import SessionLog
from tensorboard.compat.proto.types_pb2 import DataType
from tensorboard.util.tensor_util import make_tensor_proto

from tbgateway.worker import scalar_events
from tbgateway.worker.scalar_events import UnreadableError, familiar_scalar, scalars


def found(payload: bytes, *known: str) -> list[tuple[str, int, float]]:
    return list(scalars(payload, set(known)))


def test_scalars_of_tensorflow_1_are_found() -> None:
    payload = event(7, simple("loss", 0.5), simple("lr", 0.25))
    assert found(payload) == [("loss", 7, 0.5), ("lr", 7, 0.25)]


@pytest.fixture
def nothing_familiar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar_events, "_familiar", {})


@pytest.mark.usefixtures("nothing_familiar")
@pytest.mark.parametrize("step", [1, 127, 128, 70_000, 2**31, 2**62 + 5])
@pytest.mark.parametrize("tag", ["x", "loss", "损失/" + "x" * 300])
def test_an_event_like_one_before_is_told_without_parsing(tag: str, step: int) -> None:
    assert familiar_scalar(event(step, simple(tag, 0.5))) is None
    found(event(0, simple(tag, math.nan)))
    payload = event(step, simple(tag, 0.5))
    if len(payload) >= 24:
        assert familiar_scalar(payload) == (tag, step, 0.5)
    assert found(payload) == [(tag, step, 0.5)]


@pytest.mark.usefixtures("nothing_familiar")
@pytest.mark.parametrize(
    "payload",
    [
        event(1, simple("validation/lass", 0.5)),
        event(1, simple("validation/loss", 0.5), simple("lr", 0.5)),
        event(0, simple("validation/loss", 0.5)),
        event(-1, simple("validation/loss", 0.5)),
        event(1, tensor("validation/loss", dtype=1, float_val=[0.5])),
        event(1, file_version="brain.Event:2, and what else there is"),
        event(2**62, simple("validation/loss", 0.5))[:-1],
        b"\x09" + bytes(8) + b"\x10" + b"\xff" * 9 + event(0, simple("validation/loss", 0.5))[9:],
        b"\x09" + b"\xff" * 40,
        b"\x09" + bytes(8) + b"\x10" + b"\xff" * 40,
        b"",
    ],
)
def test_what_is_another_event_is_to_be_parsed(payload: bytes) -> None:
    found(event(3, simple("validation/loss", 2.0)))
    assert familiar_scalar(payload) is None


@given(st.data())
def test_whatever_is_familiar_is_what_parsing_finds(data: st.DataObject) -> None:
    base = event(5, simple("train/loss/of/this", 1.0))
    found(base)
    at = data.draw(st.integers(0, len(base)))
    cut = data.draw(st.integers(0, 3))
    payload = base[:at] + data.draw(st.binary(max_size=4)) + base[at + cut :]
    told = familiar_scalar(payload)
    if told is not None:
        assert repr([told]) == repr(found(payload))


@pytest.mark.usefixtures("nothing_familiar")
def test_a_tag_that_is_too_long_never_gets_familiar() -> None:
    payload = event(3, simple("x" * 501, 2.0))
    assert found(payload) == []
    assert familiar_scalar(payload) is None


@pytest.mark.usefixtures("nothing_familiar")
def test_only_so_many_are_familiar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar_events, "_MOST_FAMILIAR", 10)
    for number in range(100):
        found(event(3, simple(f"tag-{number}", 2.0)))
        assert 0 < len(scalar_events._familiar) <= 10


def test_the_first_event_of_a_tag_says_that_it_is_a_scalar() -> None:
    first = event(0, tensor("loss", plugin="scalars", dtype=1, float_val=[0.5]))
    later = event(1, tensor("loss", dtype=1, float_val=[0.25]))
    assert found(first) == [("loss", 0, 0.5)]
    assert found(later) == []
    assert found(later, "loss") == [("loss", 1, 0.25)]


def test_tensors_of_other_plugins_are_no_scalars() -> None:
    payload = event(0, tensor("loss", plugin="text", dtype=1, float_val=[0.5]))
    assert found(payload, "loss") == []


@pytest.mark.parametrize(
    "kind",
    [
        "float32",
        "float64",
        "float16",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "bool",
    ],
)
def test_a_number_of_any_type_is_read(kind: str) -> None:
    value = np.array(1, dtype=kind)
    proto = make_tensor_proto(value)
    for each in (proto, _as_content(proto, value.tobytes())):
        payload = event(3, tensor("x", plugin="scalars", **_fields(each)))
        assert found(payload) == [("x", 3, 1.0)]


def _as_content(proto: Any, content: bytes) -> Any:
    packed = type(proto)(dtype=proto.dtype, tensor_content=content)
    packed.tensor_shape.CopyFrom(proto.tensor_shape)
    return packed


def _fields(proto: Any) -> dict[str, Any]:
    return {descriptor.name: value for descriptor, value in proto.ListFields()}


def test_half_a_float_is_read_both_ways() -> None:
    bfloat16 = struct.pack("<f", -2.5)[2:]
    for fields in (
        {"tensor_content": bfloat16},
        {"half_val": [int.from_bytes(bfloat16, "little")]},
    ):
        payload = event(0, tensor("x", plugin="scalars", dtype=DataType.DT_BFLOAT16, **fields))
        assert found(payload) == [("x", 0, -2.5)]


@pytest.mark.parametrize(
    "fields",
    [
        {"dtype": 1, "float_val": [1.0, 2.0]},
        {"dtype": 1, "float_val": []},
        {"dtype": 1, "tensor_content": b"123"},
        {"dtype": 1, "tensor_content": b"12345678"},
        {"dtype": 1, "float_val": [1.0], "tensor_shape": {"dim": [{"size": 3}]}},
        {"dtype": DataType.DT_STRING, "string_val": [b"1"]},
        {"dtype": 999, "float_val": [1.0]},
        {},
    ],
)
def test_what_is_not_one_number_is_left_out(fields: dict[str, Any]) -> None:
    assert found(event(0, tensor("x", plugin="scalars", **fields), simple("y", 1.0))) == [
        ("y", 0, 1.0)
    ]


def test_a_tensor_of_one_element_is_a_number() -> None:
    shape = {"dim": [{"size": 1}, {"size": 1}]}
    payload = event(0, tensor("x", plugin="scalars", dtype=2, double_val=[4], tensor_shape=shape))
    assert found(payload) == [("x", 0, 4.0)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_told_as_it_is(value: float) -> None:
    ((_, _, read),) = found(event(0, simple("x", value)))
    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    "payload",
    [
        event(0, file_version="brain.Event:2"),
        event(300, graph_def=b"\x2a" * 50),
        event(300, graph_def=b"\x2a" * 5000),
        event(-1, graph_def=b"\x2a" * 5000),
        event(-1, session_log=SessionLog(status=SessionLog.START)),
        b"",
        b"\x09" + bytes(8),
        b"\x10\x00",
    ],
)
def test_events_without_a_summary_hold_no_scalars(payload: bytes) -> None:
    assert found(payload) == []


def test_an_event_whose_fields_come_in_another_order_is_read() -> None:
    payload = event(7, simple("x", 1.0))
    (head, summary) = payload[:11], payload[11:]
    assert found(summary + head) == [("x", 7, 1.0)]


def test_a_step_of_many_bytes_does_not_hide_the_summary() -> None:
    assert found(event(1 << 60, simple("x", 1.0))) == [("x", 1 << 60, 1.0)]
    assert found(event(-1, simple("x", 1.0))) == [("x", -1, 1.0)]


@pytest.mark.parametrize("step", [0, 7, 300, -1])
def test_a_large_summary_is_read_whatever_comes_before_it(step: int) -> None:
    values = [simple(f"x{number}", 1.0) for number in range(100)]
    payload = event(step, *values)
    assert len(found(payload)) == 100
    head, summary = payload[:9], payload[9:]
    assert len(found(summary + head)) == 100


def test_what_is_no_event_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        found(b"\xff" * 20)


def test_a_name_of_thousands_of_characters_is_left_out() -> None:
    assert found(event(0, simple("x" * 501, 1.0))) == []
    assert len(found(event(0, simple("x" * 500, 1.0)))) == 1
