"""Boards that are nothing but a socket: every byte that reaches one is kept."""

import asyncio
import re
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tbgateway.launchers.fake import FakeLauncher, _FakeLaunch
from tbgateway.launchers.fake_board import FakeBoard
from tbgateway.launchers.launcher import Changed, LaunchSpec

OWN_QUESTION = b"GET /data/runs HTTP/1.1\r\nHost: tb\r\nConnection: close\r\n\r\n"
"""What the gateway itself asks a board, to see which runs it shows: no client's doing."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CODING = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
_CASE = (b"/case", b"/boards/vision/case")


@dataclass
class Arrived:
    """What came by one connection to a board."""

    board: str
    raw: bytearray = field(default_factory=bytearray)
    body: bytes = b""
    ended: bool = False
    told: bytes = b""

    @property
    def line(self) -> bytes:
        """Method and target of the first request, below the board if that is told."""
        return self.told or bytes(self.raw).partition(b" HTTP/1.")[0]


class Wire:
    """All that reached boards; `answer` is what they say to `/case`, instead of naming it.

    `stays` leaves the connection open after such an answer.
    """

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.answer: bytes | None = None
        self.stays = False

    async def take(self) -> list[Arrived]:
        """Return what has arrived since the last time, when its connections have ended."""
        async with asyncio.timeout(30):
            while not all(one.ended for one in self.arrived):
                await asyncio.sleep(0.001)
        taken, self.arrived = self.arrived, []
        return [one for one in taken if one.raw != OWN_QUESTION]

    async def serve(
        self, board: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request and keep what else comes."""
        one = Arrived(board)
        self.arrived.append(one)
        try:
            await self._hear(one, reader)
            writer.write(self._say(one))
            await writer.drain()
            if not (self.stays and self._is_case(one)):
                writer.write_eof()
            while data := await reader.read(65536):
                one.raw += data
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            one.ended = True
            writer.close()

    async def _hear(self, one: Arrived, reader: asyncio.StreamReader) -> None:
        while b"\r\n\r\n" not in one.raw:
            one.raw += await _some(reader)
        head, _, _ = bytes(one.raw).partition(b"\r\n\r\n")
        fields, begin = b"\r\n" + head.partition(b"\r\n")[2] + b"\r\n", len(head) + 4
        if _CODING.search(fields):
            while not one.raw.endswith(b"0\r\n\r\n"):
                one.raw += await _some(reader)
            one.body = unchunked(bytes(one.raw[begin:]))
        elif length := _LENGTH.search(fields):
            while len(one.raw) < begin + int(length[1]):
                one.raw += await _some(reader)
            one.body = bytes(one.raw[begin:])

    def _say(self, one: Arrived) -> bytes:
        if self.answer is not None and self._is_case(one):
            return self.answer
        body = b"[]" if one.raw == OWN_QUESTION else one.board.encode() + b" got " + one.line
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
        return head if one.line.startswith(b"HEAD ") else head + body

    @staticmethod
    def _is_case(one: Arrived) -> bool:
        return one.line.split(b" ")[-1] in _CASE


async def _some(reader: asyncio.StreamReader) -> bytes:
    data = await reader.read(65536)
    if not data:
        raise asyncio.IncompleteReadError(b"", None)
    return data


def unchunked(raw: bytes) -> bytes:
    """Return a chunked body without its chunks; raise ValueError if it is none."""
    body = b""
    while True:
        size, _, raw = raw.partition(b"\r\n")
        length = int(size.partition(b";")[0], 16)
        body += raw[:length]
        if not length:
            return body
        if raw[length : length + 2] != b"\r\n":
            raise ValueError(f"a chunk does not end where it says: {raw[:40]!r}")
        raw = raw[length + 2 :]


class WireBoard(FakeBoard):
    """A board's process that is a `Wire`."""

    def __init__(self, spec: LaunchSpec, wire: Wire) -> None:
        super().__init__(spec)
        self._name = spec.title
        self._wire = wire
        self._listening: asyncio.Server | None = None

    async def serve(self, listener: socket.socket) -> None:
        own = listener.dup()
        own.settimeout(0)
        self._listening = await asyncio.start_unix_server(self._take, sock=own)

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):
            await self._wire.serve(self._name, reader, writer)


class WireLauncher(FakeLauncher):
    """Launches such boards."""

    def __init__(self, runtime_dir: Path, changed: Changed, wire: Wire) -> None:
        super().__init__(runtime_dir, changed)
        self._wire = wire

    def _make(self, spec: LaunchSpec) -> _FakeLaunch:
        launch = super()._make(spec)
        launch.board = WireBoard(spec, self._wire)
        return launch
