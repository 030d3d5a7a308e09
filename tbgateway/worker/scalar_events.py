"""Scalars in events, as TensorFlow 1, TensorFlow 2 and everybody who imitates them write them."""

import struct
from collections.abc import Container, Iterator
from typing import Any

from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from tbgateway.worker.scalar_messages import LONGEST_TAG
from tbgateway.worker.shared_text import shared

_PLUGIN = "scalars"
_WORTH_A_LOOK = 256  # bytes; what is smaller is parsed in less time than it is looked at
_WALL_TIME = 0x09  # field 1, eight bytes
_STEP = 0x10  # field 2, a varint
_AFTER_WALL_TIME = 9  # bytes
_MORE = 0x80  # of a varint's byte: another one follows
_MOST_FAMILIAR = 4096
_SHORTEST_FAMILIAR = 24  # bytes; holds the longest step there may be
_SIMPLE_VALUE = 0x15  # field 2 of a summary's value, four bytes
_AFTER_STEP = 19  # bytes, at most; negative steps have ten bytes, and are no hurry
_VALUE = struct.Struct("<f")
_familiar: dict[bytes, str] = {}
"""Tags by the bytes of a summary that holds nothing but one value, which stands at its end."""
_OTHER_CONTENT = frozenset({0x1A, 0x22, 0x32, 0x3A, 0x42, 0x4A})
"""The version, a graph, a log message, session state, run metadata, a metagraph: no summary."""

_TYPES: dict[int, tuple[str, str]] = {
    1: ("<f", "float_val"),
    2: ("<d", "double_val"),
    3: ("<i", "int_val"),
    4: ("<B", "int_val"),
    5: ("<h", "int_val"),
    6: ("<b", "int_val"),
    9: ("<q", "int64_val"),
    10: ("<?", "bool_val"),
    14: ("<H", "half_val"),
    17: ("<H", "int_val"),
    19: ("<e", "half_val"),
    22: ("<I", "uint32_val"),
    23: ("<Q", "uint64_val"),
}
"""By TensorFlow's number of the type: its bytes in `tensor_content`, its field otherwise."""
_BFLOAT16, _HALF = 14, 19

Scalar = tuple[str, int, float]
"""A tag, a step and a value."""


class UnreadableError(Exception):
    """The payload is no event."""


def familiar_scalar(payload: bytes) -> Scalar | None:
    """Return the scalar of an event like one that was parsed before: that takes a third as long.

    Such an event has a time, a step, and a summary that differs in its last four bytes only. None
    if it is another one.
    """
    size = len(payload)
    if size < _SHORTEST_FAMILIAR or payload[0] != _WALL_TIME or payload[9] != _STEP:
        return None
    byte = payload[10]
    step, shift, at = byte & ~_MORE, 7, 11
    while byte & _MORE and at < _AFTER_STEP:
        byte = payload[at]
        step |= (byte & ~_MORE) << shift
        shift += 7
        at += 1
    tag = _familiar.get(payload[at:-4])
    if tag is None or byte & _MORE:
        return None
    return tag, step, _VALUE.unpack_from(payload, size - 4)[0]


def scalars(payload: bytes, known: Container[str]) -> Iterator[Scalar]:
    """Yield the scalars of one event; raise UnreadableError.

    `known` are the tags of its run that are scalars: only the first event of a tag says so.
    """
    if len(payload) >= _WORTH_A_LOOK and _holds_something_else(payload):
        return
    try:
        event = Event.FromString(payload)
    except DecodeError as error:
        raise UnreadableError from error
    step, values = event.step, event.summary.value
    if len(values) == 1 and payload[-5] == _SIMPLE_VALUE:
        _remember(values[0])
    for value in values:
        number = _number(value, known)
        if number is not None and len(value.tag) <= LONGEST_TAG:
            yield shared(value.tag), step, number


def _remember(value: Any) -> None:  # noqa: ANN401 - protobuf's classes are made at run time
    """Have the next value of this tag told without parsing, if it is written as usual."""
    if value.WhichOneof("value") != "simple_value" or len(value.tag) > LONGEST_TAG:
        return
    plain = Summary.Value(tag=value.tag, simple_value=0.0)
    summary = Event(summary=Summary(value=[plain])).SerializeToString()
    if len(_familiar) >= _MOST_FAMILIAR:
        _familiar.clear()
    _familiar[summary[:-4]] = shared(value.tag)


def _holds_something_else(payload: bytes) -> bool:
    """Whether this is no summary, told by its first bytes as everybody writes them."""
    if len(payload) <= _AFTER_WALL_TIME or payload[0] != _WALL_TIME:
        return False
    at = _AFTER_WALL_TIME
    if payload[at] == _STEP:
        at += 1
        while at < len(payload) and payload[at] & _MORE:
            at += 1
        at += 1
    return at < len(payload) and payload[at] in _OTHER_CONTENT


def _number(value: Any, known: Container[str]) -> float | None:  # noqa: ANN401 - protobuf's classes are made at run time
    match value.WhichOneof("value"):
        case "simple_value":
            number: float = value.simple_value
            return number
        case "tensor":
            plugin = value.metadata.plugin_data.plugin_name
            if plugin == _PLUGIN or (not plugin and value.tag in known):
                return _single(value.tensor)
    return None


def _single(tensor: Any) -> float | None:  # noqa: ANN401 - the same
    """Return the one number in a tensor; None if it holds another number of them, or none."""
    kind, field = _TYPES.get(tensor.dtype, ("", ""))
    if not kind or any(dimension.size != 1 for dimension in tensor.tensor_shape.dim):
        return None
    content = tensor.tensor_content
    if content:
        return _unpacked(tensor.dtype, kind, content)
    values = getattr(tensor, field)
    if len(values) != 1:
        return None
    if tensor.dtype in {_HALF, _BFLOAT16}:  # as the bits of an integer
        return _unpacked(tensor.dtype, kind, (values[0] & 0xFFFF).to_bytes(2, "little"))
    return float(values[0])


def _unpacked(dtype: int, kind: str, content: bytes) -> float | None:
    if len(content) != struct.calcsize(kind):
        return None
    if dtype == _BFLOAT16:  # the upper half of a float
        kind, content = "<f", b"\0\0" + content
    number: float = float(struct.unpack(kind, content)[0])
    return number
