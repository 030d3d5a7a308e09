"""A request as it came in: aiohttp's, with the raw target and with who is at the other end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage
from aiohttp.streams import StreamReader

from tbgateway.dataplane.local_peers import UNKNOWN, Verdict
from tbgateway.routes import Door, Exchange

SERVER = "tbgateway"
"""What we say we are: no versions."""

CLIENT_LEFT = 499
"""The status in the log of a request whose client did not wait for the answer; as in nginx's."""


class ClientLeftError(Exception):
    """The client does not want the answer any more, or takes too long over it."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection.

    `verdict` says who that is at the control socket; at other doors it means nothing.
    """

    door: Door
    address: str  # an IP address, or "unix"
    verdict: Verdict = UNKNOWN


class IncomingRequest(web.BaseRequest):
    """A request and its answer's beginning.

    `raw_target` is the request target as it stood in the request line: aiohttp's own properties
    normalise it. `is_last` says that nothing may follow on the connection: aiohttp's parser adds a
    trailer of chunks to the next request's headers, and hears nothing behind a request for another
    protocol. `answer` is the response whose headers were sent, or None; from then on nothing
    else can be said to the client.
    """

    def __init__(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
        peer: Peer,
    ) -> None:
        super().__init__(message, payload, protocol, writer, task, asyncio.get_running_loop())
        self.raw_target = message.path
        self.peer = peer
        self.answer: web.StreamResponse | None = None
        self.is_last = message.chunked or message.upgrade
        self._last_touches: list[Callable[[web.StreamResponse], None]] = []

    def before_headers(self, touch: Callable[[web.StreamResponse], None]) -> None:
        """Call `touch` with whatever response is sent, just before its headers are."""
        self._last_touches.append(touch)

    async def _prepare_hook(self, response: web.StreamResponse) -> None:
        """Have the last word on the headers of every response, streamed ones included.

        aiohttp's own requests use this hook for an application's on_response_prepare signal.
        """
        response.headers[hdrs.SERVER] = SERVER
        for touch in self._last_touches:
            touch(response)
        self._last_touches.clear()  # they know the request: it would keep itself alive
        self.answer = response


def incoming(exchange: Exchange) -> IncomingRequest:
    """Return the exchange's request; raise TypeError if it did not come by a listener."""
    return as_incoming(exchange.request)


def as_incoming(request: web.BaseRequest) -> IncomingRequest:
    """Return the request as what it is; raise TypeError if it did not come by a listener."""
    if isinstance(request, IncomingRequest):
        return request
    raise TypeError(f"only requests that came by a listener are taken, not {request!r}")
