"""A board's process that is a small raw server on a unix socket."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from raw_http import Reply, read_body, split_at_colons

Answer = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(response: bytes) -> Answer:
    """Answer with these bytes and close."""

    async def answer(
        _head: bytes, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(response)

    return answer


@dataclass
class FakeBoard:
    """A board's process: answers raw requests on a unix socket and remembers them."""

    path: Path
    requests: list[bytes] = field(default_factory=list)
    answer: Answer | None = None
    server: asyncio.Server | None = None

    async def start(self) -> None:
        self.server = await asyncio.start_unix_server(self._serve, str(self.path))

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
        self.path.unlink(missing_ok=True)

    @property
    def targets(self) -> list[str]:
        """The request targets that arrived, raw."""
        return [raw.split(b" ")[1].decode() for raw in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(head)
            await (self.answer or self._echo)(head, reader, writer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _echo(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = [[name, value.strip()] for name, _, value in split_at_colons(lines)]
        known = {name.lower(): value for name, value in headers}
        reply = Reply(0, [(name, value) for name, value in headers], b"")
        has_body = "content-length" in known or "transfer-encoding" in known
        body = await read_body(reader, reply) if has_body else b""
        text = json.dumps(
            {"board": self.path.name, "line": first, "headers": headers, "body": body.decode()}
        ).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: Werkzeug/9\r\n"
            b"Content-Security-Policy: default-src 'self' tensorboard\r\n"
            b"X-Frame-Options: SAMEORIGIN\r\nSet-Cookie: a=b\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(text) + (b"" if first.startswith("HEAD ") else text)
        )
