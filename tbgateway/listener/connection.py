"""One connection: aiohttp's, with a deadline for headers and answers in our own words."""

import asyncio
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from types import MappingProxyType
from typing import Any

import structlog
from aiohttp import HttpVersion11, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from tbgateway.dataplane.incoming import IncomingRequest, Peer, as_incoming
from tbgateway.dataplane.local_peers import Verdict
from tbgateway.dataplane.origins import UNIX
from tbgateway.dataplane.security_headers import secure
from tbgateway.domain.errors import (
    BadRequestError,
    HeadersTooLargeError,
    TbgatewayError,
    UriTooLongError,
)
from tbgateway.rendering.problems import error_response
from tbgateway.routes import Door

log = structlog.get_logger(__name__)

_SERVER_ERRORS = 500
_FIRST_REQUEST = 2.0  # seconds after connecting; who just did is about to ask
_NEXT_REQUEST = 0.5  # seconds after an answer that did not say that it was the last
_REST_AFTER = 1.0  # seconds; whoever asks again sooner is not worth the effort
_OTHER_DESCRIPTORS = 128  # the store, logs, the forkserver…
_LEAST_ROOM = 64
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nServer: tbgateway\r\nRetry-After: 5\r\n"
    b"Cross-Origin-Opener-Policy: same-origin\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)
_UNREADABLE = "UNKNOWN"  # the method that aiohttp makes up for what its parser refused
_LONGEST_HEADER = 8190  # bytes, of a name and its value
_LONGEST_TARGET = 8192  # another number, because only that tells which of the two was too long
_HTTP: Mapping[str, Any] = MappingProxyType(
    {
        "access_log": None,  # the pipeline writes its own
        "auto_decompress": False,  # bodies pass as they are
        "lingering_time": 5.0,
        "max_field_size": _LONGEST_HEADER,
        "max_headers": 128,
        "max_line_size": _LONGEST_TARGET,
    }
)


def _room_for_connections() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max((soft - _OTHER_DESCRIPTORS) // 2, _LEAST_ROOM)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How patient the gateway is with connections; times in seconds.

    `headers` is the time for a request's headers, `idle` how long a connection stays open
    without a request, `most` how many connections there may be at a time: what fits if each
    needs a second descriptor to a board.
    """

    headers: float = 10.0
    idle: float = 75.0
    most: int = field(default_factory=_room_for_connections)


Judge = Callable[[socket.socket], Verdict]
"""Tells who has connected to the control socket; raises nothing."""


class Crowd:
    """All open connections, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._members: dict[Connection, None] = {}

    def __len__(self) -> int:
        return len(self._members)

    def admit(self, newcomer: "Connection") -> bool:
        """Take a connection in, sending an idle one away if it is full; False if none is idle."""
        if len(self._members) >= self._most:
            idle = next((member for member in self._members if member.waiting), None)
            if idle is None:
                return False
            self.dismiss(idle)
            idle.force_close()
        self._members[newcomer] = None
        return True

    def dismiss(self, member: "Connection") -> None:
        """Forget a connection."""
        self._members.pop(member, None)

    def may_ask(self, parting: float) -> bool:
        """Tell whether anybody asks or may be about to, since we began to part (loop's time)."""
        return any(member.may_ask(parting) for member in self._members)


class Connection(web.RequestHandler):
    """A connection whose every request needs its headers in time.

    aiohttp alone measures the time since the last answer: a client that sends a header now and
    then keeps its connection for an hour, and one that speaks nonsense is told about aiohttp.
    """

    __slots__ = ("_crowd", "_deadline", "_door", "_judge", "_limits", "_rest", "peer")

    def __init__(
        self,
        server: web.Server,
        *,
        door: Door,
        limits: ConnectionLimits,
        crowd: Crowd,
        judge: Judge,
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, keepalive_timeout=limits.idle, **_HTTP)
        self._crowd = crowd
        self._door = door
        self._judge = judge
        self._limits = limits
        self._deadline: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self.peer = Peer(door, "")

    @property
    def waiting(self) -> bool:
        """Whether no request is being worked on; one may be arriving."""
        return self._waiter is not None and not self._waiter.done()

    def may_ask(self, parting: float) -> bool:
        """Tell whether a request is worked on, or may be on its way.

        Nobody can know the latter: a client asks the next question soon, or later by another
        connection. `parting` is the loop's time since which answers say that they are the last.
        """
        if not self.waiting:
            return self.transport is not None
        quiet_since = self._next_keepalive_close_time - self._keepalive_timeout
        now = asyncio.get_running_loop().time()
        if not self._request_count:
            return now < quiet_since + _FIRST_REQUEST
        return now < max(quiet_since, parting) + _NEXT_REQUEST

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or turn away politely if there are too many."""
        if not self._crowd.admit(self):
            self._turn_away(transport)
            return
        self.peer = self._peer(transport)
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Parse; then see whether the headers are still incomplete."""
        super().data_received(data)
        if not self.waiting:
            self._stop_deadline()
            self._rest = self._rest or self._rest_later()
        elif self._deadline is None:
            self._expect_headers()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._crowd.dismiss(self)
        self._stop_deadline()
        if self._rest is not None:
            self._rest.cancel()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's signature; its words are for its developers
    ) -> web.StreamResponse:
        """Answer what aiohttp's parser refused, and close the connection."""
        if as_incoming(request).answer is not None:
            raise ConnectionError("an answer has begun; nothing can be added to it")
        request_id = token_hex(8)
        response = error_response(
            _told(status, exc, request_id), path="/", accept="", request_id=request_id
        )
        response.headers["X-Request-ID"] = request_id
        secure(response)  # it never passed the pipeline
        response.force_close()
        return response

    def _peer(self, transport: asyncio.BaseTransport) -> Peer:
        connected = transport.get_extra_info("socket")
        if connected.family != socket.AF_UNIX:
            return Peer(self._door, str(transport.get_extra_info("peername")[0]))
        if self._door is Door.CONTROL:
            return Peer(self._door, UNIX, self._judge(connected))
        return Peer(self._door, UNIX)

    def _expect_headers(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(self._limits.headers, self._give_up)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        log.info("headers did not arrive in time", client=self.peer.address)
        self.force_close()

    def _rest_later(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(_REST_AFTER, self._let_go)

    def _let_go(self) -> None:
        """Forget the last request and its answer, which aiohttp's task keeps until the next one.

        That is a third of what an idle connection costs. A new task waits in its place.
        """
        self._rest = None
        if self.transport is None:
            return
        if not self.waiting or self._task_handler is None:
            self._rest = self._rest_later()
            return
        self._task_handler.cancel()
        self._task_handler = asyncio.get_running_loop().create_task(self.start())

    def _turn_away(self, transport: asyncio.BaseTransport) -> None:
        log.warning("too many connections", open=len(self._crowd))
        self.force_close()  # so that nothing it sends is read
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(_FULL)
        transport.close()


def make_request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> IncomingRequest:
    """Return aiohttp's pieces as a request that knows its peer."""
    if not isinstance(protocol, Connection):
        raise TypeError(f"only a Connection knows its peer, not {protocol!r}")
    if message.method == _UNREADABLE:
        # aiohttp would answer it in HTTP/1.0, and not say that the connection ends.
        message = message._replace(version=HttpVersion11)
    return IncomingRequest(message, payload, protocol, writer, task, protocol.peer)


def _told(status: int, exc: BaseException | None, request_id: str) -> TbgatewayError:
    if status < _SERVER_ERRORS:
        log.info("unreadable request", reason=type(exc).__name__, request_id=request_id)
        return _too_much(exc) or BadRequestError(
            "The request is not HTTP that can be read in one way only."
        )
    log.error("internal error", exc_info=exc, request_id=request_id)
    return TbgatewayError(f"Internal error, id {request_id}.")


def _too_much(exc: BaseException | None) -> TbgatewayError | None:
    """Return what is told of a request that is well formed but too long, else None."""
    match exc:
        case LineTooLong(args=(_, limit, *_)) if limit == _LONGEST_TARGET:
            return UriTooLongError(
                "The address is too long.", hint=f"At most {_LONGEST_TARGET} bytes are read."
            )
        case LineTooLong():
            return HeadersTooLargeError(
                "A header is too long.",
                hint=f"At most {_LONGEST_HEADER} bytes are read. If it is Cookie: the gateway sets"
                " none; delete those of this host.",
            )
        case BadHttpMessage(message="Too many headers received"):
            return HeadersTooLargeError(
                "There are too many headers.", hint=f"At most {_HTTP['max_headers']} are read."
            )
        case _:
            return None
