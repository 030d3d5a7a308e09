"""One request to a board and its answer, on a connection of their own.

What does not come in one plain piece is read by aiohttp's own parser, without the ClientSession
around it: redirects, cookies, a pool and proxies are of no use here, and cost more than all the
rest. Werkzeug closes every connection after one answer, so there is nothing to pool.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import aiohttp
from aiohttp import hdrs
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage

from tbgateway.upstream.answer import Answer, WholeBody
from tbgateway.upstream.local_transport import LocalTransport
from tbgateway.upstream.whole_answer import read_whole

Fields = Iterable[tuple[bytes, bytes]]
"""Header fields as they go over the wire."""

_LONGEST_FIELD = 64 * 1024  # bytes; the response comes from a process of our own
_READ_AHEAD = 32 * 1024  # bytes; aiohttp holds twice as much and a piece for who reads slowly
_BODILESS = frozenset({"GET", "HEAD"})  # without a body they announce none, not an empty one
_NEVER_IN_LINES = bytes({*range(0x20), 0x7F} - {0x09})
_FINAL = 200
_SWITCHING = 101


class Conversation(asyncio.Protocol):
    """A connection to a board that carries one request. Close it in any case."""

    def __init__(self, endpoint: Path) -> None:
        """Connect; raise OSError if nobody listens or too many wait already."""
        self._loop = asyncio.get_running_loop()
        self._first: asyncio.Future[bytes] = self._loop.create_future()
        self._transport = LocalTransport.connect(endpoint, self)
        self._parsing: ResponseHandler | None = None
        self._answer: Answer | None = None

    async def ask(self, method: str, target: str, headers: Fields, body: bytes | None) -> Answer:
        """Send a request and return the beginning of its answer; interim ones are passed over.

        Raise aiohttp.ClientError if the board ends first or speaks no HTTP, TimeoutError if it is
        given up, ValueError if a header could begin another one.
        """
        # Not waited for: an answer that comes before the body has gone would be missed.
        self._transport.write(_message(method, target, headers, body))
        first = await self._first
        whole = None if method == hdrs.METH_HEAD else read_whole(first)
        if whole is None:
            return await self._parse(first, skip_payload=method == hdrs.METH_HEAD)
        status, fields, content = whole
        return Answer(status, fields, len(content), WholeBody(content))

    @property
    def silence(self) -> float:
        """For how many seconds the board has said nothing; 0 as long as nobody reads."""
        transport = self._transport
        return self._loop.time() - transport.heard_at if transport.is_reading() else 0.0

    def give_up(self) -> None:
        """Let whoever waits for the board hear that it fell silent."""
        self._end_with(aiohttp.SocketTimeoutError("the board fell silent"))

    def close(self) -> None:
        """End the connection at once, whatever is still on its way."""
        if not self._transport.is_closing():
            self._transport.close()
            (self._parsing or self).connection_lost(None)

    def data_received(self, data: bytes) -> None:
        """Take the first piece; for the others somebody else listens."""
        if not self._first.done():
            self._transport.pause_reading()
            self._first.set_result(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who waits for the first piece that there is none."""
        self._end_with(aiohttp.ServerDisconnectedError(None if exc is None else str(exc)))

    async def _parse(self, first: bytes, *, skip_payload: bool) -> Answer:
        """Hear the answer as it comes, beginning with its `first` piece."""
        handler = self._parsing = ResponseHandler(self._loop)
        handler.set_response_params(
            skip_payload=skip_payload,
            read_until_eof=True,
            read_bufsize=_READ_AHEAD,
            auto_decompress=False,
            max_line_size=_LONGEST_FIELD,
            max_field_size=_LONGEST_FIELD,
        )
        self._transport.set_protocol(handler)
        handler.data_received(first)
        self._transport.resume_reading()
        return await self._hear(handler)

    async def _hear(self, handler: ResponseHandler) -> Answer:
        while True:
            try:
                message, content = await handler.read()
            except HttpProcessingError as error:
                raise aiohttp.ClientPayloadError("the board speaks no HTTP") from error
            if message.code >= _FINAL:
                length = _length(message)
                self._answer = Answer(message.code, message.raw_headers, length, content)
                return self._answer
            if message.code == _SWITCHING:
                raise aiohttp.ClientPayloadError("the board changed the protocol")

    def _end_with(self, error: aiohttp.ClientError) -> None:
        """Let whoever waits for anything hear of the error."""
        if not self._first.done():
            self._first.set_exception(error)
            self._first.exception()  # nobody need be waiting for it
        if self._parsing is not None:
            self._parsing.set_exception(error)
        if self._answer is not None and not isinstance(self._answer.content, WholeBody):
            self._answer.content.set_exception(error)


def _message(method: str, target: str, headers: Fields, body: bytes | None) -> bytes:
    """Return a request's bytes, with what belongs to this connection."""
    lines = [f"{method} {target} HTTP/1.1".encode("ascii"), b"Host: tb"]
    lines += [b"%b: %b" % field for field in headers]
    lines.append(b"Connection: close")
    if body is not None or method not in _BODILESS:
        lines.append(b"Content-Length: %d" % len(body or b""))
    text = b"".join(lines)
    if len(text.translate(None, _NEVER_IN_LINES)) != len(text):
        raise ValueError("a header would begin another one")
    return b"\r\n".join((*lines, b"", body or b""))


def _length(message: RawResponseMessage) -> int | None:
    told = message.headers.get(hdrs.CONTENT_LENGTH, "")
    return int(told) if told.isdecimal() and not message.chunked else None
