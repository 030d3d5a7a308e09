"""The gateway's way to a host of boards: a process under another user, which does what we may not.

See `board_host.py` for its side. Every errand has a connection of its own, so that nothing waits
for another; a host that hangs costs its callers two seconds.
"""

import os
import signal
import subprocess
import time
from contextlib import ExitStack, closing
from pathlib import Path

import structlog

from tbgateway.launchers.forkserver_start import Started, connections
from tbgateway.launchers.processes import is_over
from tbgateway.worker.channel import Channel
from tbgateway.worker.messages import Begin, Begun, Signal, Weigh, Weighed
from tbgateway.worker.options import Options

log = structlog.get_logger(__name__)

_ANSWERS_WITHIN = 2.0  # seconds
_LOOK_EVERY = 0.02  # seconds


class HostLink:
    """Reaches the host that listens at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __repr__(self) -> str:
        """Tell where it leads."""
        return f"<HostLink {str(self._path)!r}>"

    def start(self, options: Options) -> Started:
        """Have a forkserver started; raise OSError, which names the socket."""
        with ExitStack() as on_failure, ExitStack() as always:
            ours, theirs, reading, writing = connections(on_failure, always)
            line = self._line()
            on_failure.callback(line.close)
            line.send(Begin(options.arguments()), (theirs.fileno(), writing))
            on_failure.pop_all()
        return Started(ours, HostedProcess(self, line), reading)

    def send_signal(self, pid: int, started: int, number: signal.Signals) -> None:
        """Have a process of the host's user signalled, unless it has ended."""
        try:
            with closing(self._line()) as line:
                line.send(Signal(pid, started, int(number)))
        except OSError as error:
            log.warning("no signal to a board", pid=pid, reason=str(error))

    def memory(self, pid: int) -> int:
        """Return the memory (PSS) in bytes of a process of the host's user; raise OSError."""
        with closing(self._line()) as line:
            line.send(Weigh(pid))
            received = line.receive()
        match received.message if received else None:
            case Weighed(memory) if memory >= 0:
                return memory
        raise ProcessLookupError(pid)

    def _line(self) -> Channel:
        try:
            return Channel.connected(str(self._path), within=_ANSWERS_WITHIN)
        except OSError as error:
            # A missing or deaf host is no missing program: say what cannot be reached.
            raise OSError(error.errno, error.strerror or str(error), str(self._path)) from error


class HostedProcess:
    """A forkserver that a host has started; `line` will tell which process it is."""

    def __init__(self, link: HostLink, line: Channel) -> None:
        self._link = link
        self._line: Channel | None = line
        self._begun = Begun(0, 0)
        line.set_blocking(blocking=False)

    @property
    def pid(self) -> int:
        """Its number; 0 until the host has told it."""
        return self._known().pid

    def kill(self) -> None:
        """Kill it. One whose number is not known ends as soon as its connection closes."""
        begun = self._known()
        if begun.pid:
            self._link.send_signal(begun.pid, begun.started, signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; how it ended, only its host knows: return 0."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while not is_over(self._known().pid, self._begun.started):
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired("forkserver", timeout or 0.0)
            time.sleep(_LOOK_EVERY)
        return os.EX_OK

    def _known(self) -> Begun:
        if self._line is not None:
            try:
                received = self._line.receive()
            except BlockingIOError:
                return self._begun
            except OSError:
                received = None
            if received is not None and isinstance(received.message, Begun):
                self._begun = received.message
            self._line.close()
            self._line = None
        return self._begun
