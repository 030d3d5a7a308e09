"""A whole data plane, from the socket to the boards' sockets, without a supervisor or a store."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from raw_board import FakeBoard
from raw_http import Reply, read_reply
from small_house import House, basic
from small_routes import routes

from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.verifier import Verifier
from tbgateway.dataplane.asset_routes import AssetRoutes
from tbgateway.dataplane.board_pages import BoardPages
from tbgateway.dataplane.board_routes import BoardRoutes
from tbgateway.dataplane.known_hosts import KnownHosts
from tbgateway.dataplane.local_peers import LocalPeers
from tbgateway.dataplane.means import Means, Step
from tbgateway.dataplane.origins import Origins
from tbgateway.dataplane.pipeline import STEPS, build_pipeline
from tbgateway.dataplane.router import Router
from tbgateway.dataplane.uploads import Uploads
from tbgateway.dataplane.waiting_pages import WaitingPages
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Identity, Role
from tbgateway.domain.names import BoardId
from tbgateway.listener.connection import ConnectionLimits
from tbgateway.listener.listener import Listener
from tbgateway.routes import Route
from tbgateway.upstream import Upstream
from tbgateway.webassets import Library

CLOSE = b"Connection: close\r\n"


def head_of(target: str = "/boards/vision/x", method: str = "GET") -> bytes:
    """Return the beginning of a request by a visitor of `vision`."""
    auth = basic("vision-user", "vision-password")
    return (
        f"{method} {target} HTTP/1.1\r\nHost: gateway.test\r\nAuthorization: {auth}\r\n"
    ).encode()


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """What a test may want otherwise."""

    steps: tuple[Step, ...] = STEPS
    origins: Origins = field(default_factory=Origins)
    limits: ConnectionLimits | None = None
    throttle: str = "1000/minute"
    is_board_process: Callable[[int], bool] = lambda _pid: False
    names: tuple[str, ...] = ("gateway.test", "h", "example.org")
    uploads: Uploads = field(default_factory=Uploads)
    library: Library | None = None  # without one, boards serve all of their files
    waiting: WaitingPages | None = None


@dataclass
class SmallGateway:
    """A gateway with the boards `vision` and `audio`, and members of each role.

    `reached` are the routes of our own that were answered, `visits` what the supervisor would
    have been told, `looks` who opened which board's page, `spoil` and `offer` what it answers when
    it is asked for a board.
    """

    place: Path
    knobs: Knobs
    house: House = field(default_factory=House)
    fakes: dict[BoardId, FakeBoard] = field(default_factory=dict)
    upstreams: dict[BoardId, Upstream] = field(default_factory=dict)
    reached: list[str] = field(default_factory=list)
    visits: list[BoardId] = field(default_factory=list)
    looks: list[tuple[str, Identity]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    port: int = 0
    woken: list[BoardId] = field(default_factory=list)
    spoil: dict[BoardId, Exception] = field(default_factory=dict)
    offer: Callable[[BoardId], Awaitable[Upstream]] | None = None

    def __post_init__(self) -> None:
        self.router = Router((*routes(self.reached), *self._board_routes()))
        self.verifier = Verifier(threads=1, rounds=4)
        self.means = self._means()
        pipeline = build_pipeline(self.means, self.knobs.steps)
        local_peers = LocalPeers(os.getuid(), self.knobs.is_board_process)
        self.listener = Listener(pipeline.handle, self.knobs.limits, local_peers.judge)

    @property
    def control(self) -> Path:
        """The control socket."""
        return self.place / "control"

    async def start(self) -> None:
        """Start the boards' processes and listen."""
        self.place.mkdir()
        for name in ("vision", "audio"):
            board = self.house.add_board(name)
            self.fakes[board.id] = FakeBoard(self.place / name)
            await self.fakes[board.id].start()
            self.upstreams[board.id] = Upstream(self.place / name)
        for name, role in (("vera", Role.VIEWER), ("olga", Role.EDITOR), ("ada", Role.ADMIN)):
            self.tokens[name] = self.house.add_member(name, role)
        addresses = await self.listener.open(["127.0.0.1:0"], control=self.control, environment={})
        self.port = int(addresses[0].rpartition(":")[2])

    async def stop(self) -> None:
        """End everything."""
        await self.listener.close(0.1)
        for upstream in self.upstreams.values():
            await upstream.close()
        for fake in self.fakes.values():
            await fake.stop()
        self.verifier.close()

    def fake(self, name: str) -> FakeBoard:
        """Return the process of a board."""
        return self.fakes[self.house.boards[name].id]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def raw(self, request: bytes, *, head: bool = False) -> Reply | None:
        """Send bytes, return the answer; None if the connection ended without one."""
        reader, writer = await self.connect()
        return await self._exchange(reader, writer, request, head=head)

    async def by_control(self, request: bytes) -> Reply | None:
        reader, writer = await asyncio.open_unix_connection(str(self.control))
        return await self._exchange(reader, writer, request)

    async def _exchange(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        request: bytes,
        *,
        head: bool = False,
    ) -> Reply | None:
        try:
            writer.write(request)
            return await read_reply(reader, head=head)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        finally:
            writer.close()

    async def ask(
        self,
        target: str,
        *,
        method: str = "GET",
        auth: str | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send a request as a well-behaved client does."""
        lines = [f"{method} {target} HTTP/1.1", "Host: gateway.test"]
        lines += [f"Authorization: {auth}"] if auth else []
        lines += [f"Content-Length: {len(body)}"] if body is not None else []
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        raw = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + (body or b"")
        reply = await self.raw(raw, head=method == "HEAD")
        assert reply is not None
        return reply

    async def upstream(self, board_id: BoardId) -> Upstream:
        """Stand in for the supervisor."""
        if self.offer is not None:
            return await self.offer(board_id)
        if board_id in self.spoil:
            raise self.spoil[board_id]
        if board_id not in self.fakes:
            raise NotFoundError("no such board")
        return self.upstreams[board_id]

    def wake(self, board_id: BoardId) -> None:
        """Stand in for the supervisor, which does not wait for the board."""
        if board_id in self.spoil:
            raise self.spoil[board_id]
        self.woken.append(board_id)

    def _board_routes(self) -> tuple[Route, ...]:
        library = self.knobs.library
        boards = BoardRoutes(
            upstream=self.upstream,
            visited=self.visits.append,
            looked=lambda board, identity: self.looks.append((board.name, identity)),
            pages=None if library is None else BoardPages(library, self.wake, self.knobs.waiting),
            uploads=self.knobs.uploads,
        )
        assets = () if library is None else AssetRoutes(library).routes()
        return (*boards.routes(), *assets)

    def _means(self) -> Means:
        return Means(
            router=self.router,
            origins=self.knobs.origins,
            boards=self.house,
            accounts=self.house,
            sessions=self.house,
            verifier=self.verifier,
            throttle=Throttle(self.knobs.throttle),
            log_tail=_last_line,
            now=time.time,
            known_hosts=KnownHosts(self.knobs.names),
        )


async def _last_line(_board_id: BoardId) -> str:
    return "the last line"


StartGateway = Callable[..., Awaitable[SmallGateway]]
"""Starts a small gateway; its arguments are Knobs."""
