"""A whole gateway in front of boards that are small raw servers on unix sockets of our own."""

import asyncio
import base64
import hashlib
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bcrypt
import pytest
import structlog
from aiohttp import web

from tbgateway.credentials.throttle import Throttle
from tbgateway.credentials.tokens import mint
from tbgateway.credentials.verifier import Verifier
from tbgateway.dataplane.board_routes import BoardRoutes
from tbgateway.dataplane.local_peers import LocalPeers
from tbgateway.dataplane.means import Means
from tbgateway.dataplane.origins import Origins
from tbgateway.dataplane.pipeline import STEPS, build_pipeline
from tbgateway.dataplane.router import Router
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Access, Board, Member, Role, Token
from tbgateway.domain.names import BoardId
from tbgateway.listener.connection import ConnectionLimits
from tbgateway.listener.listener import Listener
from tbgateway.routes import Exchange, Route, Who
from tbgateway.upstream import Upstream

PATIENCE = 20.0

Answer = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


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
        return replace(reply, body=await _read_body(reader, reply))


async def _read_body(reader: asyncio.StreamReader, reply: Reply) -> bytes:
    if reply.header("Transfer-Encoding") == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\n")
        return body
    length = reply.header("Content-Length")
    return await reader.read() if length is None else await reader.readexactly(int(length))


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
        body = await _read_body(reader, reply) if has_body else b""
        text = json.dumps(
            {"board": self.path.name, "line": first, "headers": headers, "body": body.decode()}
        ).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: Werkzeug/9\r\n"
            b"Content-Security-Policy: default-src 'self' tensorboard\r\n"
            b"X-Frame-Options: SAMEORIGIN\r\nSet-Cookie: a=b\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(text) + (b"" if first.startswith("HEAD ") else text)
        )


class House:
    """Boards and accounts, as the store would have them."""

    def __init__(self) -> None:
        self.boards: dict[str, Board] = {}
        self.old_names: dict[str, BoardId] = {}
        self.members: dict[str, Member] = {}
        self.tokens: dict[str, Token] = {}

    def find(self, name: str) -> Board | None:
        return self.boards.get(name)

    def renamed(self, name: str) -> Board | None:
        board_id = self.old_names.get(name)
        return next((board for board in self.boards.values() if board.id == board_id), None)

    def member(self, name: str) -> Member | None:
        return self.members.get(name)

    def token(self, token_id: str) -> Token | None:
        return self.tokens.get(token_id)

    def add_board(self, name: str, **changes: Any) -> Board:
        board_id = BoardId("tb" + hashlib.sha256(name.encode()).hexdigest()[:10])
        board = Board(
            id=board_id,
            name=name,
            owner="olga",
            access=Access.PASSWORD,
            username=f"{name}-user",
            password_hash=hashed(f"{name}-password"),
            created_at=0.0,
        )
        self.boards[name] = replace(board, **changes)
        return self.boards[name]

    def add_member(self, name: str, role: Role) -> str:
        self.members[name] = Member(
            name=name, role=role, password_hash=hashed(f"{name}-password"), created_at=1.0
        )
        return self.add_token(name)

    def add_token(self, member: str, **changes: Any) -> str:
        minted = mint()
        token = Token(id=minted.id, member=member, label="", digest=minted.digest, created_at=0.0)
        self.tokens[token.id] = replace(token, **changes)
        return minted.secret_text


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@dataclass
class Gateway:
    """A running gateway and what is behind it."""

    house: House
    fakes: dict[BoardId, FakeBoard]
    upstreams: dict[BoardId, Upstream]
    means: Means
    router: Router
    listener: Listener
    control: Path
    reached: list[str]
    visits: list[BoardId]
    port: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    spoil: dict[BoardId, Exception] = field(default_factory=dict)
    offer: Callable[[BoardId], Awaitable[Upstream]] | None = None

    basic = staticmethod(basic)
    hashed = staticmethod(hashed)
    read_reply = staticmethod(read_reply)

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


def _routes(gateway: Gateway) -> tuple[Route, ...]:
    async def say(exchange: Exchange) -> web.StreamResponse:
        gateway.reached.append(f"{exchange.request.method} {exchange.route.pattern}")
        return web.json_response(
            {
                "pattern": exchange.route.pattern,
                "params": dict(exchange.params),
                "client": exchange.client,
                "url": exchange.external.url,
                "identity": repr(exchange.identity),
            }
        )

    async def swallow(exchange: Exchange) -> web.StreamResponse:
        gateway.reached.append("swallow")
        return web.Response(text=str(len(await exchange.body())))

    async def fail(_exchange: Exchange) -> web.StreamResponse:
        raise ZeroDivisionError("secret inside")

    async def fail_late(exchange: Exchange) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(exchange.request)
        await response.write(b"half")
        raise ZeroDivisionError("secret inside")

    return (
        Route("GET", "/healthz", Who.ANYONE, say),
        Route("GET", "/fail", Who.ANYONE, fail),
        Route("GET", "/fail-late", Who.ANYONE, fail_late),
        Route("POST", "/swallow", Who.ANYONE, swallow, 1000),
        Route("GET", "/", Who.VIEWERS, say),
        Route("GET", "/api/v1/boards", Who.VIEWERS, say),
        Route("POST", "/api/v1/boards", Who.EDITORS, say),
        Route("DELETE", "/api/v1/boards/{board}", Who.EDITORS, say),
        Route("GET", "/api/v1/boards/{board}/log", Who.LOOKERS, say),
        Route("PUT", "/api/v1/members/{name}", Who.ADMINS, say),
    )


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Keep the log out of the tests' output; those that read it use capture_logs."""
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=repr)],
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def own_sockets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose sockets have short paths."""
    return tmp_path_factory.mktemp("s")


@pytest.fixture
async def start_gateway(own_sockets: Path) -> AsyncIterator[Callable[..., Awaitable[Gateway]]]:
    """Start gateways: `await start_gateway(steps=…, origins=…, limits=…, allowed_hosts=…)`."""
    numbers = itertools.count()
    running: list[Any] = []

    async def start(
        *,
        steps: tuple[Any, ...] = STEPS,
        origins: Origins | None = None,
        limits: ConnectionLimits | None = None,
        throttle: str = "1000/minute",
        is_board_process: Callable[[int], bool] = lambda _pid: False,
        now: Callable[[], float] = time.time,
        **more: Any,
    ) -> Gateway:
        context = _gateway(
            own_sockets / f"{next(numbers)}",
            steps,
            origins or Origins(),
            limits,
            throttle,
            is_board_process,
            now,
            more,
        )
        running.append(context)
        return await context.__aenter__()

    yield start
    for context in reversed(running):
        await context.__aexit__(None, None, None)


@pytest.fixture
async def gateway(start_gateway: Callable[..., Awaitable[Gateway]]) -> Gateway:
    """A gateway with two boards, `vision` and `audio`, and members of each role."""
    return await start_gateway()


@asynccontextmanager
async def _gateway(
    place: Path,
    steps: tuple[Any, ...],
    origins: Origins,
    limits: ConnectionLimits | None,
    throttle: str,
    is_board_process: Callable[[int], bool],
    now: Callable[[], float],
    more: dict[str, Any],
) -> AsyncIterator[Gateway]:
    place.mkdir()
    house = House()
    verifier = Verifier(threads=1, rounds=4)
    gateway: Any = Gateway(house, {}, {}, None, None, None, place / "control", [], [])  # type: ignore[arg-type] # filled in below
    boards = BoardRoutes(upstream=gateway.upstream, visited=gateway.visits.append)
    gateway.router = Router((*_routes(gateway), *boards.routes()))

    async def log_tail(_board_id: BoardId) -> str:
        return "the last line"

    gateway.means = Means(
        router=gateway.router,
        origins=origins,
        boards=house,
        accounts=house,
        verifier=verifier,
        throttle=Throttle(throttle),
        local_peers=LocalPeers(os.getuid(), is_board_process),
        log_tail=log_tail,
        now=now,
        **more,
    )
    gateway.listener = Listener(build_pipeline(gateway.means, steps).handle, limits)
    for name in ("vision", "audio"):
        board = house.add_board(name)
        gateway.fakes[board.id] = FakeBoard(place / name)
        await gateway.fakes[board.id].start()
        gateway.upstreams[board.id] = Upstream(place / name)
    for name, role in (("vera", Role.VIEWER), ("olga", Role.EDITOR), ("ada", Role.ADMIN)):
        gateway.tokens[name] = house.add_member(name, role)
    addresses = await gateway.listener.open(
        ["127.0.0.1:0"], control=gateway.control, environment={}
    )
    gateway.port = int(addresses[0].rpartition(":")[2])
    try:
        yield gateway
    finally:
        await gateway.listener.close(0.1)
        for upstream in gateway.upstreams.values():
            await upstream.close()
        for fake in gateway.fakes.values():
            await fake.stop()
        verifier.close()


@pytest.fixture
def trusting() -> Origins:
    """What a gateway behind a proxy on the same machine uses."""
    return Origins(trusted_proxies=["127.0.0.0/8", "10.0.0.0/8"])
