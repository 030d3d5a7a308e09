"""The forkserver: imports TensorBoard once, then forks one board process per order.

It has one thread, always: a forked child gets the locks of its parent's threads but not the
threads. It ends, with what it forked, when its control connection closes. When it ends in any
other way its boards go on: they die by the gateway's end, not by its.
"""

import gc
import os
import select
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from tbgateway.domain.shortages import shortage_in_start
from tbgateway.worker import kernel
from tbgateway.worker.channel import Channel, Descriptors, Received
from tbgateway.worker.messages import Ended, Launched, Order, Ready, Refused

_JUST_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT


@dataclass(frozen=True, slots=True)
class Errand:
    """What a freshly forked child is to become."""

    order: Order
    descriptors: Descriptors
    parent: int


class Forkserver:
    """Forks boards as told by `channel`, and reports the end of each."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._boards: dict[int, str] = {}
        self._temporaries: dict[int, str] = {}
        # Whatever a plugin's import may have started is not the work of a board.
        self._helpers = kernel.children()
        self._woken, self._waker = os.pipe()
        for end in (self._woken, self._waker):
            os.set_blocking(end, False)

    def run(self, ready: Ready) -> Errand | None:
        """Serve until the connection closes and return None; in a forked child, its errand."""
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        try:
            self._channel.send(ready)
            return self._serve()
        except ConnectionError:  # the gateway is gone
            return None

    def end(self) -> None:
        """Kill every board with all it has started, and wait for them."""
        for pid in self._boards:
            _kill_group(pid)
        kernel.kill_children(besides=self._helpers)
        for directory in self._temporaries.values():
            shutil.rmtree(directory, ignore_errors=True)

    def _serve(self) -> Errand | None:
        poll = select.poll()
        poll.register(self._channel.fileno(), select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._woken in ready:
                self._bury()
            if self._channel.fileno() in ready:
                received = self._channel.receive()
                if received is None:
                    return None
                errand = self._fork(received)
                if errand is not None:
                    return errand

    def _fork(self, received: Received) -> Errand | None:
        descriptors = Descriptors.received(received.descriptors)
        order, parent = received.message, os.getpid()
        if not isinstance(order, Order):
            raise TypeError(f"the forkserver takes orders, not {order!r}")
        temporary = ""
        try:
            if not order.temporary:
                temporary = tempfile.mkdtemp(prefix=f"{order.launch_id}.")
                order = replace(order, temporary=temporary)
            pid = os.fork()  # noqa: TID251 - this is the forkserver
        except OSError as error:
            descriptors.close()
            shutil.rmtree(temporary, ignore_errors=True)
            reason = shortage_in_start(error) or error.strerror
            self._channel.send(Refused(order.launch_id, f"no process for a board: {reason}"))
            return None
        if pid == 0:
            self._forget()
            return Errand(order, descriptors, parent)
        descriptors.close()
        self._boards[pid] = order.launch_id
        if temporary:
            self._temporaries[pid] = temporary
        self._channel.send(Launched(order.launch_id, pid, kernel.started_at(pid)))
        return None

    def _forget(self) -> None:
        signal.set_wakeup_fd(-1)
        self._channel.close()
        os.close(self._woken)
        os.close(self._waker)
        self._boards.clear()
        self._temporaries.clear()

    def _bury(self) -> None:
        os.read(self._woken, 4096)
        for pid in _ended_children():
            launch_id = self._boards.pop(pid, None)
            if launch_id is not None:
                _kill_group(pid)
            _, status = os.waitpid(pid, 0)
            shutil.rmtree(self._temporaries.pop(pid, ""), ignore_errors=True)
            if launch_id is not None:
                self._channel.send(Ended(launch_id, pid, os.waitstatus_to_exitcode(status)))
        self._kill_orphans()

    def _kill_orphans(self) -> None:
        """Kill what ended boards leave behind: it became ours, in whatever session it is.

        A living board keeps its own orphans. The end of each of these wakes us again, for its
        own children.
        """
        for pid in kernel.children() - self._boards.keys() - self._helpers:
            os.kill(pid, signal.SIGKILL)


def freeze() -> None:
    """Keep the garbage collector off what the children share with this process.

    It is off until a board serves: until then hardly anything can be garbage.
    """
    gc.collect()
    gc.freeze()
    gc.disable()


def _ended_children() -> Iterator[int]:
    """Yield each child that has ended; it must be reaped before the next is asked for.

    Until it is reaped, its group's number cannot be used again.
    """
    with suppress(ChildProcessError):  # there are none at all
        while (ended := os.waitid(os.P_ALL, 0, _JUST_LOOK)) is not None:
            yield ended.si_pid


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:  # it was killed before it had a group of its own
        os.kill(pid, signal.SIGKILL)
