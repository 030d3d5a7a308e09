"""What a route is, and what travels through the pipeline: the words both planes share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from aiohttp import hdrs, web

from tbgateway.domain.errors import BadRequestError, PayloadTooLargeError
from tbgateway.domain.model import Anonymous, Board, Identity, Session
from tbgateway.schemas.operations import Operation

Handle = Callable[["Exchange"], Awaitable[web.StreamResponse]]

CLIENT_PATIENCE = 60.0
"""Seconds without a byte after which a client that sends a body is given up."""


class Who(Enum):
    """Who may use a route. There is no default: every route says it."""

    ANYONE = "anyone"
    LOOKERS = "lookers"  # those who may look at the board that the path names as {board}
    VIEWERS = "viewers"  # any member
    EDITORS = "editors"
    ADMINS = "admins"


class Door(Enum):
    """Which listener a request came in by."""

    PUBLIC = "public"
    CONTROL = "control"  # the local control socket; its peer's user id was checked


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path pattern, such as `/api/v1/boards/{board}`.

    A trailing `{rest*}` takes everything below and stays raw. Other segments are matched on the
    raw, still percent-encoded target and decoded only afterwards. GET answers HEAD as well.
    `operation` is what the OpenAPI document says about it; every route below /api/v1 has one.
    Where a route `takes_api_key`, an API token may come in the header X-API-Key as well.
    """

    method: str
    pattern: str
    who: Who
    handle: Handle = field(compare=False)
    body_limit: int = 1_048_576
    operation: Operation | None = field(default=None, compare=False)
    takes_api_key: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A validated request target: exactly the bytes that arrived, split once."""

    raw: str
    path: str  # raw, without the external prefix and the query; still percent-encoded
    query: str  # raw, without the question mark
    prefix: str  # the external prefix that was taken off, or ""


@dataclass(frozen=True, slots=True)
class External:
    """Where the gateway is in this client's eyes: what absolute URLs begin with."""

    scheme: str
    host: str  # with the port, if it is not the scheme's own
    prefix: str = ""  # "" or "/team/tb"

    @property
    def url(self) -> str:
        """The URL of the gateway's root, without a trailing slash."""
        return f"{self.scheme}://{self.host}{self.prefix}"


_NOBODY = Anonymous()
_NOWHERE = External("http", "localhost")  # until it is known


@dataclass(slots=True)
class Exchange:
    """One request on its way through the pipeline; each step fills in what it found out."""

    request: web.BaseRequest
    door: Door
    request_id: str
    started: float
    target: Target | None = None
    route: Route | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    board: Board | None = None
    identity: Identity = _NOBODY
    client: str = ""  # the client's address, past the trusted proxies; "unix" for a local peer
    external: External = _NOWHERE
    realm: str = ""  # whose credentials are asked for
    session: Session | None = None  # what a member was let in by, if by a browser's cookie
    left: bool = False  # somebody signed out in this browser, whatever password it still repeats
    by_password: bool = False  # the member's password came with this very request
    deliberate: bool = False  # no browser would add these credentials by itself
    authorised: bool = False  # somebody decided that the route may be used
    ours: bool = True  # the answer is the gateway's own, not a board's

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the request's body as it arrives, asking for it if the client waits for that.

        Raise PayloadTooLargeError beyond the route's limit and BadRequestError if the body is
        malformed or stops arriving.
        """
        limit = self.route.body_limit if self.route else 0
        self._refuse_longer_than(limit, self.request.content_length or 0)
        await self._invite()
        size = 0
        while chunk := await self._next_chunk():
            size += len(chunk)
            self._refuse_longer_than(limit, size)
            yield chunk

    async def body(self) -> bytes:
        """Return the whole body; raises like `chunks`."""
        return b"".join([chunk async for chunk in self.chunks()])

    async def _next_chunk(self) -> bytes:
        try:
            async with asyncio.timeout(CLIENT_PATIENCE):
                return await self.request.content.readany()
        except TimeoutError as error:
            raise BadRequestError(
                f"The request body stopped arriving for {CLIENT_PATIENCE:g} s."
            ) from error
        except web.RequestPayloadError as error:
            raise BadRequestError("The request body is malformed.") from error

    async def _invite(self) -> None:
        """Send `100 Continue`: only now, when the request is known to be welcome."""
        request = self.request
        if hdrs.EXPECT in request.headers and request.can_read_body:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0  # aiohttp takes it for a response's beginning

    def _refuse_longer_than(self, limit: int, size: int) -> None:
        if size > limit:
            raise PayloadTooLargeError(
                "The request body is too long.", hint=f"At most {limit} bytes are taken here."
            )
