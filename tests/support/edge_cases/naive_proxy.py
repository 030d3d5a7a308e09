"""How one would write the proxy at first, after the tutorials: it shows that the cases bite.

aiohttp's router finds the board, the password is that board's, and what aiohttp has read of the
request is sent on to the one server behind.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from edge_cases.case import BOARD, PASSWORD, USER
from edge_cases.edge import LULL, Edge
from edge_cases.wire_board import Arrived, Wire
from small_house import basic


class NaiveProxy:
    """Boards by path, each with a password; all are served below `/boards/` behind it."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self._passwords = {BOARD: basic(USER, PASSWORD)}
        self.session = aiohttp.ClientSession(auto_decompress=False)

    async def handle(self, request: web.Request) -> web.Response:
        """Check the password of the board that the router found; ask for the path."""
        wanted = self._passwords.get(request.match_info["board"])
        if wanted is None or request.headers.get("Authorization") != wanted:
            raise web.HTTPUnauthorized
        kept = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in {"host", "transfer-encoding", "connection", "expect"}
        }
        async with self.session.request(
            request.method,
            f"{self._behind}{request.path_qs}",
            headers=kept,
            data=await request.read() or None,
            allow_redirects=False,
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read())


class SharedWire(Wire):
    """One server with all boards: what it gets is told apart by the path, as the server would."""

    async def take(self) -> list[Arrived]:
        taken = await super().take()
        for one in taken:
            method, _, target = one.line.partition(b" ")
            for board in ("vision", "audio"):
                below = f"/boards/{board}".encode()
                if target.startswith(below):
                    one.board = board
                    one.told = method + b" " + target[len(below) :]
        return taken


@asynccontextmanager
async def naive_edge() -> AsyncIterator[Edge]:
    """Run the proxy and the server behind it."""
    wire = SharedWire()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await wire.serve("nobody", reader, writer)

    behind = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy = NaiveProxy(f"http://127.0.0.1:{behind.sockets[0].getsockname()[1]}")
    front = web.Application()
    front.router.add_route("*", "/boards/{board}/{rest:.*}", proxy.handle)
    async with TestServer(front) as server:
        yield Edge(server.port or 0, wire, LULL)
    await proxy.session.close()
    behind.close()
