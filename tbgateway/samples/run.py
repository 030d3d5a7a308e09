"""One run: a directory with one event file, written with TensorBoard's own record writer."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


class Run:
    """Writes events with given times (Unix seconds), so that the same run is the same bytes."""

    def __init__(self, directory: Path, started: float, *, part: str = "0") -> None:
        """Begin an event file; `part` tells several files of one run apart."""
        directory.mkdir(parents=True, exist_ok=True)
        self._path = directory / f"events.out.tfevents.{int(started):010d}.demo.{part}"
        self._records = RecordWriter(self._path.open("wb"))
        self._described: set[str] = set()
        self._last = started
        self._write(event_pb2.Event(wall_time=started, file_version="brain.Event:2"))

    def add(self, step: int, at: float, *values: summary_pb2.Summary.Value) -> None:
        """Write the values of one step."""
        for value in values:
            if value.tag in self._described:
                value.ClearField("metadata")  # TensorBoard reads it from a tag's first value
            self._described.add(value.tag)
        summary = summary_pb2.Summary(value=values)
        self._write(event_pb2.Event(wall_time=at, step=step, summary=summary))

    def add_graph(self, at: float, graph: bytes) -> None:
        """Write a serialised GraphDef."""
        self._write(event_pb2.Event(wall_time=at, graph_def=graph))

    def flush(self) -> None:
        """Let readers see what was written."""
        self._records.flush()

    def close(self) -> None:
        """End the file; it looks as if it had been written when its events happened."""
        self._records.close()
        os.utime(self._path, (self._last, self._last))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, event: event_pb2.Event) -> None:
        self._last = max(self._last, event.wall_time)
        self._records.write(event.SerializeToString())
