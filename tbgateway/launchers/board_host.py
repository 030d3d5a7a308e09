"""`python -m tbgateway.launchers.board_host [SOCKET]`: the host of boards.

It runs under a user of its own, without the gateway's state and network, and does for a gateway
what that may not do under another user: it starts forkservers, signals their boards and tells how
much memory they take. So code in a board is never the gateway's. systemd hands it its socket
(`tbgateway-boards.socket`), elsewhere it listens at SOCKET. Who may connect is a matter of that
socket's permissions; boards, which are of the host's own user, are turned away besides.

It has one thread and decides nothing. It ends by SIGTERM; forkservers end with it, and boards with
their gateway.
"""

import os
import selectors
import signal
import socket
import subprocess  # noqa: TC003 - what it has is one
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tbgateway.launchers.processes import send_signal
from tbgateway.launchers.worker_process import module_command, spawn_worker
from tbgateway.telemetry.process_table import proportional
from tbgateway.worker import kernel
from tbgateway.worker.channel import Channel, Received
from tbgateway.worker.messages import Begin, Begun, Signal, Weigh, Weighed
from tbgateway.worker.options import Options

_FIRST_HANDED_OVER = 3  # sd_listen_fds(3)
_BACKLOG = 64
_MODE = 0o600  # of a socket that we make: only root and our own user, who is turned away
_JUST_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT
_DESCRIPTORS = 2  # that come with Begin


class BoardHost:
    """Serves everybody who connects to `listener`, one errand at a time."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._selector = selectors.DefaultSelector()
        self._woken, self._waker = os.pipe()
        for end in (self._woken, self._waker):
            os.set_blocking(end, False)

    def run(self) -> None:
        """Serve until SIGTERM."""
        kernel.adopt_orphans()  # boards whose forkserver was killed
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
        self._listener.setblocking(False)  # noqa: FBT003 - a method of the standard library
        self._selector.register(self._listener, selectors.EVENT_READ, self._admit)
        self._selector.register(self._woken, selectors.EVENT_READ, self._bury)
        while True:
            for key, _ in self._selector.select():
                key.data()

    def _admit(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone again, or no descriptors left: who waits is asked next time
            return
        channel = Channel(connection)
        _, user = channel.peer()
        if user == os.geteuid():
            _say("somebody of the boards' own user was turned away")
            channel.close()
            return
        channel.set_blocking(blocking=False)
        self._selector.register(channel, selectors.EVENT_READ, lambda: self._hear(channel))

    def _hear(self, channel: Channel) -> None:
        try:
            received = channel.receive()
            if received is not None:
                self._do(received, channel)
                return
        except (OSError, ValueError) as error:
            _say(f"an errand failed: {error}")
        self._selector.unregister(channel)
        channel.close()

    def _do(self, received: Received, channel: Channel) -> None:
        match received.message:
            case Begin(options):
                channel.send(self._begin(options, received.descriptors))
            case Signal(pid, started, number):
                with suppress(PermissionError, ValueError):  # not of ours: nobody's business
                    send_signal(pid, started, signal.Signals(number))
            case Weigh(pid):
                channel.send(_weighed(pid))
            case other:
                raise ValueError(f"a host does not {type(other).__name__.lower()}")

    def _begin(self, options: Sequence[str], descriptors: Sequence[int]) -> Begun:
        try:
            connection, stderr = _two(descriptors)
            command = module_command("tbgateway.worker", *Options.parse(options).arguments())
            channel = Channel.inherited(connection)
            process = spawn_worker(command, channel, stderr=stderr)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        self._children[process.pid] = process
        return Begun(process.pid, kernel.started_at(process.pid))

    def _bury(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._woken, 4096)
        with suppress(ChildProcessError):  # there are none at all
            while (ended := os.waitid(os.P_ALL, 0, _JUST_LOOK)) is not None:
                child = self._children.pop(ended.si_pid, None)
                if child is None:
                    os.waitpid(ended.si_pid, 0)
                else:
                    child.wait()


def _two(descriptors: Sequence[int]) -> Sequence[int]:
    if len(descriptors) != _DESCRIPTORS:
        raise ValueError(f"{len(descriptors)} descriptors came, {_DESCRIPTORS} were expected")
    return descriptors


def _weighed(pid: int) -> Weighed:
    try:
        return Weighed(proportional(pid))
    except OSError:
        return Weighed(-1)


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _handed_over() -> socket.socket | None:
    """Return the socket that systemd listens on for us."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    handed_over = socket.socket(fileno=_FIRST_HANDED_OVER)
    handed_over.set_inheritable(False)
    return handed_over


def _listening(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    path.chmod(_MODE)
    listener.listen(_BACKLOG)
    return listener


def main(arguments: Sequence[str]) -> int:
    """Serve the socket that was handed over, or the one that is named."""
    listener = _handed_over()
    if listener is None and len(arguments) == 1:
        listener = _listening(Path(arguments[0]))
    if listener is None:
        _say("error: no socket was handed over, and none is named")
        _say("hint:  start tbgateway-boards.socket, or give the path of a socket to listen on")
        return os.EX_USAGE
    BoardHost(listener).run()
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
