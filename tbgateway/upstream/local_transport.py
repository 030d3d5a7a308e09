"""A connected unix socket as a transport, made for one short exchange.

asyncio's own one needs three turns of the event loop before it is ready, and asks the kernel who
is at either end. That costs more than a request and its answer.
"""

import asyncio
import socket
from pathlib import Path

from tbgateway.upstream.ears import Ears

_PIECE = 80 * 1024  # bytes read at a time, at most; more than most answers have


_DEAF = asyncio.Protocol()


class LocalTransport(asyncio.Transport):
    """Reads and writes as soon as it is made; the protocol hears of everything as of any other.

    It has no limits for writing: what the kernel does not take at once is kept until it does.
    Whoever closes it himself hears no more of it.
    """

    def __init__(self, connection: socket.socket, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._descriptor = connection.fileno()
        self._protocol = protocol
        self._unsent = bytearray()
        self._closed = False
        self.heard_at = self._loop.time()
        self._reading = True
        self._ears = Ears.of(self._loop)
        self._ears.listen(self._descriptor, self._receive)
        protocol.connection_made(self)

    @classmethod
    def connect(cls, endpoint: Path, protocol: asyncio.Protocol) -> "LocalTransport":
        """Connect; raise OSError if nobody listens or too many wait already."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)  # noqa: FBT003 - a method of the standard library
            connection.connect(str(endpoint))  # a local socket accepts or refuses at once
        except BaseException:
            connection.close()
            raise
        return cls(connection, protocol)

    def __repr__(self) -> str:
        """Tell the descriptor and how much waits to be sent."""
        state = "closed" if self._closed else "open"
        return f"<LocalTransport {self._descriptor} {state}, {len(self._unsent)} bytes unsent>"

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another one hear what follows."""
        if isinstance(protocol, asyncio.Protocol):
            self._protocol = protocol
            protocol.connection_made(self)

    def is_closing(self) -> bool:
        """Whether it is closed; there is nothing in between."""
        return self._closed

    def is_reading(self) -> bool:
        """Whether it hands on what arrives, and so can tell whether anything does."""
        return self._reading and not self._closed

    def pause_reading(self) -> None:
        """Leave what arrives to the kernel, which makes the other end wait."""
        if self.is_reading():
            self._reading = False
            self._ears.ignore(self._descriptor)

    def resume_reading(self) -> None:
        """Go on after a pause."""
        if not self._reading and not self._closed:
            self._reading = True
            self.heard_at = self._loop.time()
            self._ears.listen(self._descriptor, self._receive)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; what does not fit follows by itself."""
        if self._closed:
            return
        if self._unsent:
            self._unsent += data
            return
        sent = self._send(data)
        if sent < len(data) and not self._closed:
            self._unsent += memoryview(data)[sent:]
            self._loop.add_writer(self._descriptor, self._send_rest)

    def close(self) -> None:
        """Close at once, whatever is unsent."""
        if self._closed:
            return
        self._closed = True
        if self._reading:
            self._ears.ignore(self._descriptor)
        if self._unsent:
            self._loop.remove_writer(self._descriptor)
        self._connection.close()
        self._protocol = _DEAF  # or the two would keep each other alive

    def abort(self) -> None:
        """Close at once, too."""
        self.close()

    def _send(self, data: bytes | bytearray | memoryview) -> int:
        """Return how many bytes the kernel took."""
        try:
            return self._connection.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            # What the other end said before it closed may still be there to be read: it answers
            # a body that it does not want. If there is nothing, reading tells.
            return len(data)

    def _send_rest(self) -> None:
        del self._unsent[: self._send(self._unsent)]
        if not self._unsent:
            self._loop.remove_writer(self._descriptor)

    def _receive(self) -> None:
        try:
            data = self._connection.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error)
            return
        self.heard_at = self._loop.time()
        if data:
            self._protocol.data_received(data)
        else:
            self._protocol.eof_received()
            self._lose(None)

    def _lose(self, error: OSError | None) -> None:
        if not self._closed:
            protocol = self._protocol
            self.close()
            protocol.connection_lost(error)
