"""A client that listens to events, line by line, in the test's own loop."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE = 30.0  # seconds; generous, because the machine may be busy


@dataclass(frozen=True)
class Told:
    """One event as it arrived."""

    name: str
    data: Any
    id: str


class Listening:
    """An open stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> dict[str, str]:
        """Return the fields of the next block, comments under the name ""; {} at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE):
            while line := (await self.response.content.readline()).decode():
                if line == "\n":
                    return fields
                name, _, value = line.rstrip("\n").partition(":")
                fields[name] = value.removeprefix(" ")
        assert not fields, "a stream ends between blocks"
        return fields

    async def next(self) -> Told | None:
        """Return the next event; None at the end of the stream."""
        while block := await self.block():
            if "event" in block:
                return Told(block["event"], json.loads(block["data"]), block["id"])
        return None

    async def until(self, name: str, /, **data: object) -> Told:
        """Return the next event of this name whose data has these values."""
        while told := await self.next():
            if told.name == name and data.items() <= told.data.items():
                return told
        raise AssertionError(f"the stream ended without {name} {data}")


@asynccontextmanager
async def listening(
    url: str, authorization: str, query: str = "", headers: Mapping[str, str] | None = None
) -> AsyncIterator[Listening]:
    """Listen to the gateway at `url`; the first event, a reset, is still to be read."""
    sent = {**({"Authorization": authorization} if authorization else {}), **(headers or {})}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/api/v1/events{query}", headers=sent) as response,
    ):
        yield Listening(response)
