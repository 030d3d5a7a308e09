"""Event files made record by record, so that they can hold anything."""

import struct
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

EVENTS = "events.out.tfevents.1700000000.host.1.0"


def framed(payload: bytes) -> bytes:
    """Return a payload as a record."""
    length = struct.pack("<Q", len(payload))
    checksums = (struct.pack("<I", masked_crc32c(each)) for each in (length, payload))
    return length + next(checksums) + payload + next(checksums)


def event(step: int, *values: Any, **fields: Any) -> bytes:
    """Return an event's payload; `values` are those of its summary."""
    if values:
        fields["summary"] = Summary(value=values)
    made = Event(wall_time=1_700_000_000.0 + step, step=step, **fields)
    payload: bytes = made.SerializeToString()
    return payload


def simple(tag: str, value: float) -> Any:
    """Return a scalar as TensorFlow 1 writes it."""
    return Summary.Value(tag=tag, simple_value=value)


def tensor(tag: str, *, plugin: str = "", **fields: Any) -> Any:
    """Return a tensor, of `plugin` if this is the tag's first; `fields` are TensorProto's."""
    value = Summary.Value(tag=tag, tensor=fields)
    if plugin:
        value.metadata.plugin_data.plugin_name = plugin
    return value


def scalar_records(tag: str, *values: float, first_step: int = 0) -> bytes:
    """Return the records of a scalar's values at consecutive steps."""
    return b"".join(
        framed(event(step, simple(tag, value))) for step, value in enumerate(values, first_step)
    )


def write_records(directory: Path, *records: bytes, name: str = EVENTS) -> Path:
    """Append records to an event file; return it."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / name).open("ab") as file:
        file.writelines(records)
    return directory / name
