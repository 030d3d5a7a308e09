"""Takes connections at all addresses, and lets go of them gracefully."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from itertools import chain
from pathlib import Path

import structlog
from aiohttp import hdrs, web

from tbgateway.dataplane.incoming import IncomingRequest, as_incoming
from tbgateway.dataplane.local_peers import UNKNOWN, Verdict
from tbgateway.dataplane.security_headers import secure
from tbgateway.domain.errors import UnavailableError
from tbgateway.listener.connection import (
    Connection,
    ConnectionLimits,
    Crowd,
    Judge,
    make_request,
)
from tbgateway.listener.listening_sockets import (
    ListeningSocket,
    inherited,
    open_listening,
    open_unix,
)
from tbgateway.rendering.problems import error_response
from tbgateway.routes import Door

log = structlog.get_logger(__name__)

_LAST_WORDS = 1.0  # seconds to send an answer that is made, or to clean up after being cut off
_CONTROL_MODE = 0o600
_LOOKS = 0.02  # seconds between looks at who may still ask
_AT_ONCE = 0.05  # seconds; aiohttp takes zero for ever

HandleRequest = Callable[[IncomingRequest], Awaitable[web.StreamResponse]]


def nobody(_connected: socket.socket) -> Verdict:
    """Let nobody in by the control socket."""
    return UNKNOWN


class Listener:
    """Listens, and gives every request to `handle`; `judge` says who is at the control socket."""

    def __init__(
        self,
        handle: HandleRequest,
        limits: ConnectionLimits | None = None,
        judge: Judge = nobody,
    ) -> None:
        self._handle = handle
        self._judge = judge
        self._limits = limits or ConnectionLimits()
        self._crowd = Crowd(self._limits.most)
        self._sockets = ExitStack()
        self._acceptors: list[asyncio.Server] = []
        self._server: web.Server | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._parting = False
        self._cut_off = False

    def __repr__(self) -> str:
        """Tell how many connections and requests there are."""
        return f"<Listener {len(self._crowd)} connections, {len(self._tasks)} requests>"

    async def open(
        self,
        addresses: Sequence[str],
        *,
        control: Path | None = None,
        environment: MutableMapping[str, str] = os.environ,
    ) -> tuple[str, ...]:
        """Listen; return the public addresses as they came out, with the ports that were chosen.

        Sockets that systemd opened take the place of `addresses`. Raise InvalidInputError or
        ConflictError if one cannot be opened; then none is left open.
        """
        with ExitStack() as opened:
            public = _opened(addresses, environment, opened)
            local = () if control is None else (open_unix(control, mode=_CONTROL_MODE),)
            for listening in local:
                opened.callback(listening.close)
            self._sockets = opened.pop_all()
        server = self._server = web.Server(
            self._answer, request_factory=make_request, handler_cancellation=True
        )
        await self._accept(server, public, Door.PUBLIC)
        await self._accept(server, local, Door.CONTROL)
        return tuple(listening.address for listening in public)

    async def close(self, drain_timeout: float) -> None:
        """Accept nothing more, let requests in flight end in so many seconds, cut off the rest.

        Connections that are open may ask once more: whoever does is answered, and told that it was
        the last time. What is not answered in time gets a 503 if no answer has begun.
        """
        await self._stop_accepting()
        self._sockets.close()
        if self._server is None:
            return
        self._parting = True
        await self._parted_within(drain_timeout)
        self._server.pre_shutdown()
        in_time = not self._tasks
        if not in_time:
            log.warning("requests cut off", requests=len(self._tasks))
            self._cut_off = True
            for task in self._tasks:
                task.cancel()
        await self._server.shutdown(_LAST_WORDS if in_time else _AT_ONCE)
        await self._until(lambda: not self._tasks, _LAST_WORDS)

    async def _stop_accepting(self) -> None:
        loop = asyncio.get_running_loop()
        for acceptor in self._acceptors:
            for listening in acceptor.sockets:
                loop.remove_reader(listening)
        await asyncio.sleep(0)  # asyncio stumbles over connections it accepts while closing
        for acceptor in self._acceptors:
            acceptor.close()

    async def _parted_within(self, seconds: float) -> None:
        parting = asyncio.get_running_loop().time()
        await self._until(lambda: not self._tasks and not self._crowd.may_ask(parting), seconds)

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not reached():  # noqa: ASYNC110 - whether somebody may still ask depends on the time
                    await asyncio.sleep(_LOOKS)

    async def _accept(
        self, server: web.Server, sockets: Iterable[ListeningSocket], door: Door
    ) -> None:
        connect = partial(
            Connection,
            server,
            door=door,
            limits=self._limits,
            crowd=self._crowd,
            judge=self._judge,
        )
        loop = asyncio.get_running_loop()
        for listening in sockets:
            # For unix sockets, too: asyncio's own way would remove files that systemd made.
            # Known before it serves: who is cancelled in between can still close it.
            acceptor = await loop.create_server(connect, sock=listening.socket, start_serving=False)
            self._acceptors.append(acceptor)
            await acceptor.start_serving()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        incoming, task = as_incoming(request), asyncio.current_task()
        if task is None:
            raise RuntimeError("requests are answered in tasks")
        self._tasks.add(task)
        incoming.before_headers(partial(self._say_if_last, incoming))
        try:
            return await self._handle(incoming)
        except asyncio.CancelledError:
            if not self._cut_off or incoming.answer is not None:
                raise
            task.uncancel()
            return _refusal()
        finally:
            self._tasks.discard(task)

    def _say_if_last(self, request: IncomingRequest, response: web.StreamResponse) -> None:
        if self._parting or request.is_last:
            response.force_close()
            response.headers[hdrs.CONNECTION] = "close"


def _refusal() -> web.Response:
    stopping = UnavailableError(
        "The gateway is stopping.", hint="Try again in a moment.", retry_after=1.0
    )
    response = error_response(stopping, path="/", accept="", request_id="")
    secure(response)  # its way through the pipeline was cut short
    return response


def _opened(
    addresses: Sequence[str], environment: MutableMapping[str, str], opened: ExitStack
) -> tuple[ListeningSocket, ...]:
    """Open all addresses, or take over what systemd opened; `opened` closes them."""
    sockets: list[ListeningSocket] = []
    passed_on = inherited(environment)
    ways = (passed_on,) if passed_on else map(open_listening, addresses)
    for listening in chain.from_iterable(ways):
        opened.callback(listening.close)
        sockets.append(listening)
    return tuple(sockets)
