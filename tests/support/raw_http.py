"""Responses as they come over the wire: no library in between that would mend them."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

PATIENCE = 20.0


async def until(condition: Callable[[], Any]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Reply:
    """A response as it came over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the header, all lines of it."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def json(self) -> Any:
        return json.loads(self.body)


def split_at_colons(lines: list[str]) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in lines]


async def read_reply(reader: asyncio.StreamReader, *, head: bool = False) -> Reply:
    """Read one response (without a body if `head`)."""
    async with asyncio.timeout(PATIENCE):
        raw = await reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
        headers = [(name, value.strip()) for name, _, value in split_at_colons(lines)]
        reply = Reply(int(first.split(" ")[1]), headers, b"")
        if head or reply.status in {100, 204, 304}:
            return reply
        return replace(reply, body=await read_body(reader, reply))


async def read_body(reader: asyncio.StreamReader, reply: Reply) -> bytes:
    if reply.header("Transfer-Encoding") == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\n")
        return body
    length = reply.header("Content-Length")
    return await reader.read() if length is None else await reader.readexactly(int(length))
