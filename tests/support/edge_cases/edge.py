"""The composed gateway with boards that are bare sockets, and somebody who sends it raw bytes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edge_cases.case import BOARD, OTHER, PASSWORD, USER, Case
from edge_cases.judging import Outcome, after
from edge_cases.wire_board import Wire, WireLauncher
from gateway_in_process import PATIENCE, gateway_in_process
from house import CHIEF

from tbgateway.boards import Entry
from tbgateway.domain.model import Access

PUBLIC_URL = "http://gateway.test/team/tb"
LULL = 0.5  # seconds after which who sent something incomplete closes his half


@dataclass(frozen=True)
class Edge:
    """Where cases are tried: a port, and the boards behind it.

    With a `lull`, every client closes its half when it has heard nothing for so many seconds.
    """

    port: int
    wire: Wire
    lull: float | None = None

    async def try_(self, case: Case) -> Outcome:
        """Send a case and what comes after it; return what became of it."""
        lull = LULL if case.hangs else self.lull
        answered = await talk(self.port, case.raw + after(case), lull=lull)
        return Outcome(await self.wire.take(), answered)


async def talk(port: int, sent: bytes, *, lull: float | None = None) -> bytes:
    """Send bytes by a connection of their own; return what comes until the other end closes it.

    After `lull` seconds without a word the own half is closed; None never closes it.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = b""
    try:
        async with asyncio.timeout(PATIENCE):
            with suppress(ConnectionError):  # what it said before it closed counts
                writer.write(sent)
                answered = await _heard(reader, writer, lull)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    return answered


async def _heard(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lull: float | None
) -> bytes:
    answered = b""
    while True:
        try:
            async with asyncio.timeout(lull):
                data = await reader.read(65536)
        except TimeoutError:
            lull = None
            with suppress(OSError):  # it is closing already
                writer.write_eof()
            continue
        except ConnectionError:
            return answered
        if not data:
            return answered
        answered += data


@asynccontextmanager
async def edge_below(home: Path) -> AsyncIterator[Edge]:
    """Run a gateway with the boards `vision` and `audio`, each with a password of its own."""
    wire = Wire()
    (home / "runs").mkdir()
    door = socket.create_server(("127.0.0.1", 0))  # the gateway tells its public port only
    port = door.getsockname()[1]
    async with gateway_in_process(
        home,
        {"runs": home / "runs"},
        make_launcher=partial(WireLauncher, wire=wire),
        overrides={"server.public_url": PUBLIC_URL, "server.listen": [f"fd:{door.detach()}"]},
    ) as house:
        for name in (BOARD, OTHER):
            entry = Entry(
                access=Access.PASSWORD,
                username=USER.replace(BOARD, name),
                password=PASSWORD.replace(BOARD, name),
            )
            board = await house.boards.create(CHIEF, name, (), entry)
            await house.boards.wait(board, "visible", seconds=PATIENCE)
        yield Edge(port, wire)
