"""A socket that carries messages together with descriptors, one message per packet."""

import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self

from tbgateway.worker.messages import Message, decode, encode

_UCRED = struct.Struct("3i")  # unix(7): pid, uid, gid
_LONGEST_MESSAGE = 128 * 1024  # bytes; an order holds two paths and a few numbers


@dataclass(frozen=True, slots=True)
class Descriptors:
    """What a board process is given, in the order in which it is sent.

    `listener` is bound and listening; `stderr` and `status` are the writing ends of pipes;
    `lifeline` is the reading end of a pipe of its own, whose writing end only the gateway holds.
    """

    listener: int
    stderr: int
    status: int
    lifeline: int

    @classmethod
    def received(cls, descriptors: Sequence[int]) -> Self:
        """Name what arrived; close everything and raise ValueError unless all four are there."""
        if len(descriptors) == len(cls.__slots__):
            return cls(*descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        raise ValueError(f"{len(descriptors)} descriptors came with an order, 4 were expected")

    def close(self) -> None:
        """Close this process's copies."""
        for descriptor in astuple(self):
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Received:
    """A message and the descriptors that came with it: this process's own copies."""

    message: Message
    descriptors: tuple[int, ...] = ()


class Channel:
    """One end of a connection between a launcher and a worker."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    @classmethod
    def pair(cls) -> tuple[Self, Self]:
        """Return two connected ends."""
        # SOCK_SEQPACKET keeps packets whole and reports the other end's closing: descriptors
        # cannot be attached to the wrong message.
        first, second = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return cls(first), cls(second)

    @classmethod
    def inherited(cls, descriptor: int) -> Self:
        """Return the end that the parent process left open as `descriptor`."""
        connection = socket.socket(fileno=descriptor)
        connection.set_inheritable(False)
        return cls(connection)

    @classmethod
    def connected(cls, path: str, *, within: float) -> Self:
        """Return one end of a new connection to who listens at `path`; raise OSError.

        That, and later `send` and `receive`, raise TimeoutError after `within` seconds.
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        connection.settimeout(within)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            raise
        return cls(connection)

    def peer(self) -> tuple[int, int]:
        """Return the pid and the user's number of who made the other end."""
        told = self._connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        pid, user, _ = _UCRED.unpack(told)
        return pid, user

    def fileno(self) -> int:
        """Return the descriptor, for selecting on it."""
        return self._connection.fileno()

    def set_blocking(self, *, blocking: bool) -> None:
        """Choose whether `send` and `receive` wait, or raise BlockingIOError."""
        self._connection.setblocking(blocking)

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send `message`; raise OSError if nobody listens any more."""
        socket.send_fds(self._connection, [encode(message)], descriptors)

    def receive(self) -> Received | None:
        """Return the next message, or None when the other end is closed."""
        data, descriptors, _, _ = socket.recv_fds(
            self._connection, _LONGEST_MESSAGE, len(Descriptors.__slots__)
        )
        for descriptor in descriptors:
            # Not by MSG_CMSG_CLOEXEC: some Pythons have a recv_fds() that ignores its flags.
            os.set_inheritable(descriptor, False)  # noqa: FBT003 - a function of the standard library
        return Received(decode(data), tuple(descriptors)) if data else None

    def close(self) -> None:
        """Close this end."""
        self._connection.close()
