"""One request to a board and its answer, on a connection of their own.

aiohttp's own writer and parser do the talking, without the ClientSession around them: redirects,
cookies, a pool and proxies are of no use here, and cost more than all the rest. Werkzeug closes
every connection after one answer, so there is nothing to pool.
"""

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage
from aiohttp.http_writer import StreamWriter
from aiohttp.streams import StreamReader
from multidict import CIMultiDict

_SILENCE = 120.0  # seconds without a byte after which a board counts as hung
_LONGEST_FIELD = 64 * 1024  # bytes; the response comes from a process of our own
_BODILESS = frozenset({"GET", "HEAD"})  # without a body they announce none, not an empty one
_FINAL = 200
_SWITCHING = 101


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer; `content` is its body as it arrives, undecoded.

    Reading `content` raises aiohttp.ClientError if the board ends before the body does, and
    TimeoutError if it says nothing for two minutes.
    """

    status: int
    raw_headers: tuple[tuple[bytes, bytes], ...]
    length: int | None  # of the body, if it is told beforehand
    content: StreamReader

    async def whole(self, most: int) -> bytes | None:
        """Return the body if it is known to have `most` bytes at most; else None, nothing read."""
        content = self.content
        size = content.total_bytes if content.is_eof() else self.length
        return None if size is None or size > most else await content.read()


class Conversation:
    """A connection to a board that carries one request. Close it in any case."""

    def __init__(self, protocol: ResponseHandler) -> None:
        self._protocol = protocol

    @classmethod
    async def begin(cls, endpoint: Path) -> Self:
        """Connect; raise OSError if nobody listens or too many wait already."""
        loop = asyncio.get_running_loop()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)  # noqa: FBT003 - a method of the standard library
            connection.connect(str(endpoint))  # a local socket accepts or refuses at once
            _, protocol = await loop.create_unix_connection(
                lambda: ResponseHandler(loop), sock=connection
            )
        except BaseException:
            connection.close()
            raise
        return cls(protocol)

    async def ask(
        self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes | None
    ) -> Answer:
        """Send a request and return the beginning of its answer; interim ones are passed over.

        Raise aiohttp.ClientError if the board ends first or speaks no HTTP, TimeoutError if it
        says nothing for two minutes.
        """
        self._protocol.set_response_params(
            skip_payload=method == hdrs.METH_HEAD,
            read_until_eof=True,
            auto_decompress=False,
            read_timeout=_SILENCE,
            max_line_size=_LONGEST_FIELD,
            max_field_size=_LONGEST_FIELD,
        )
        await self._send(f"{method} {target} HTTP/1.1", _framed(method, headers, body), body)
        return await self._hear()

    def close(self) -> None:
        """End the connection at once, whatever is still on its way."""
        self._protocol.abort()

    async def _send(self, line: str, headers: CIMultiDict[str], body: bytes | None) -> None:
        """Hand everything to the transport; waiting would miss an answer that comes before."""
        writer = StreamWriter(self._protocol, asyncio.get_running_loop())
        await writer.write_headers(line, headers)
        if body:
            await writer.write(body, drain=False)
        writer.set_eof()
        self._protocol.start_timeout()

    async def _hear(self) -> Answer:
        while True:
            try:
                message, content = await self._protocol.read()
            except HttpProcessingError as error:
                raise aiohttp.ClientPayloadError("the board speaks no HTTP") from error
            if message.code >= _FINAL:
                return Answer(message.code, message.raw_headers, _length(message), content)
            if message.code == _SWITCHING:
                raise aiohttp.ClientPayloadError("the board changed the protocol")


def _framed(
    method: str, headers: Iterable[tuple[str, str]], body: bytes | None
) -> CIMultiDict[str]:
    """Add what belongs to this connection."""
    framed = CIMultiDict(((hdrs.HOST, "tb"), *headers, (hdrs.CONNECTION, "close")))
    if body is not None or method not in _BODILESS:
        framed[hdrs.CONTENT_LENGTH] = str(len(body or b""))
    return framed


def _length(message: RawResponseMessage) -> int | None:
    told = message.headers.get(hdrs.CONTENT_LENGTH, "")
    return int(told) if told.isdecimal() and not message.chunked else None
