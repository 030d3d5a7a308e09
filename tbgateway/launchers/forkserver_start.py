"""Starting a forkserver: as a child of the gateway, or by whoever else may."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

from tbgateway.launchers.worker_process import spawn_worker
from tbgateway.worker.channel import Channel


class WorkerProcess(Protocol):
    """A process that was started for us; subprocess.Popen is one."""

    @property
    def pid(self) -> int:
        """Its number; 0 if it is not known yet."""

    def kill(self) -> None:
        """Kill it, unless it has ended."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raise subprocess.TimeoutExpired after `timeout` seconds."""


@dataclass(frozen=True, slots=True)
class Started:
    """A forkserver on its way: our end of its connection, and the reading end of its stderr."""

    channel: Channel
    process: WorkerProcess
    stderr: int


def start_child(command: Sequence[str]) -> Started:
    """Start `command` as our child; raise OSError. In the event loop's own thread only."""
    with ExitStack() as on_failure, ExitStack() as always:
        ours, theirs, reading, writing = connections(on_failure, always)
        process = spawn_worker(command, theirs, stderr=writing)
        on_failure.pop_all()
    return Started(ours, process, reading)


def connections(on_failure: ExitStack, always: ExitStack) -> tuple[Channel, Channel, int, int]:
    """Make both ends of a Channel and of a pipe: ours, theirs, the reading and the writing one."""
    ours, theirs = Channel.pair()
    on_failure.callback(ours.close)
    always.callback(theirs.close)
    reading, writing = os.pipe()
    on_failure.callback(os.close, reading)
    always.callback(os.close, writing)
    ours.set_blocking(blocking=False)
    return ours, theirs, reading, writing
