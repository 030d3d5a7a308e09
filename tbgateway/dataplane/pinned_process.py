"""A process that is looked at by its number, and must not have become another meanwhile."""

import errno
import os
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tbgateway.worker import kernel

_SO_PEERPIDFD = 77  # Linux 6.5; Python has no name for it


@contextmanager
def pinned(connected: socket.socket, pid: int) -> Iterator[Callable[[], bool]]:
    """Yield a test whether `pid` still is the process that opened the connection.

    Whatever was found out about `pid` before the test is true of that process. Before Linux 6.5
    it is true of the process that had the number when it was pinned: the number of one that ended
    before can have been used again by then. Raise OSError if the process is gone already.
    """
    descriptor = _open_peer(connected)
    if descriptor is None:
        started = kernel.started_at(pid)
        yield lambda: kernel.started_at(pid) == started and not kernel.is_over(pid)
        return
    try:
        yield lambda: not _has_ended(descriptor)
    finally:
        os.close(descriptor)


def _open_peer(connected: socket.socket) -> int | None:
    """Return a descriptor of the process, None where the kernel hands out none."""
    try:
        return connected.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except OSError as error:
        if error.errno == errno.ENOPROTOOPT:
            return None
        raise


def _has_ended(descriptor: int) -> bool:
    poll = select.poll()  # select() cannot take descriptors above 1023
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
