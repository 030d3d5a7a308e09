"""One generation of a board as the proxy sees it: where it listens and what runs on it now."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from tbgateway.domain.errors import UnavailableError

_CONNECT_TIMEOUT = 10.0  # seconds; the socket is local and its backlog long
_SILENCE = 120.0  # seconds without a byte after which a board counts as hung
_RETRY_AFTER = 1.0
_ORIGIN = "http://tb"
_LONGEST_FIELD = 64 * 1024  # bytes; the response comes from a process of our own


class DrainingError(UnavailableError):
    """This generation takes no new requests; a newer one may. Nothing was sent to it."""


class UpstreamLostError(UnavailableError):
    """This generation was ended while it worked on the request."""


@dataclass(frozen=True, slots=True)
class InflightRequest:
    """A slot on an upstream: as long as it is held, draining waits for it."""

    session: aiohttp.ClientSession
    deadline: asyncio.Timeout

    def abort(self) -> None:
        """End the request now: its task leaves the slot with UpstreamLostError."""
        if not self.deadline.expired():
            self.deadline.reschedule(asyncio.get_running_loop().time())


class Upstream:
    """A TensorBoard behind a unix socket, with `at_once` requests in it and `queued` before it.

    Werkzeug starts a thread per connection and always closes it: without a limit a page that
    asks for a hundred things starts a hundred threads. Construct it inside a running loop.
    """

    def __init__(self, endpoint: Path, at_once: int = 16, queued: int = 128) -> None:
        self.endpoint = endpoint
        self._at_once = at_once
        self._queued = queued
        self._queue: deque[asyncio.Future[None]] = deque()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._retired = asyncio.Event()
        self._inflight: list[InflightRequest] = []
        self.session = _session(endpoint)

    def __repr__(self) -> str:
        """Tell the socket, how busy it is, and whether it still takes requests."""
        state = "draining" if self._retired.is_set() else "open"
        return f"<Upstream {self.endpoint.name} {state} {self._running}+{len(self._queue)}>"

    @property
    def in_flight(self) -> int:
        """How many requests hold a slot or wait for one."""
        return self._running + len(self._queue)

    @asynccontextmanager
    async def request(self) -> AsyncIterator[InflightRequest]:
        """Hold a slot, waiting for one if needed.

        Raise UnavailableError if the queue is full, DrainingError if no request is taken any
        more, and UpstreamLostError out of the block if `close` was called meanwhile.
        """
        await self._enter()
        try:
            async with asyncio.timeout(None) as deadline:
                inflight = InflightRequest(self.session, deadline)
                self._inflight.append(inflight)
                try:
                    yield inflight
                finally:
                    self._inflight.remove(inflight)
        except TimeoutError as error:
            if deadline.expired():
                raise _lost() from error
            raise
        finally:
            self._leave()

    async def drained(self, timeout: float) -> bool:  # noqa: ASYNC109 - the answer tells whether it was in time
        """Refuse new requests from now on and wait for those in flight; return whether they ended.

        Those that still wait for a slot are refused at once, so that they go elsewhere.
        """
        self._retire()
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def retired(self) -> None:
        """Wait until this generation takes no new requests."""
        await self._retired.wait()

    async def get_json(self, path: str, *, patience: float = 10.0) -> object:
        """Ask the board itself, past the queue and uncounted: for the gateway's own questions.

        Raise aiohttp.ClientError, TimeoutError (after `patience` seconds), OSError or ValueError.
        """
        if self.session.closed:
            raise aiohttp.ClientConnectionError("the upstream was closed")
        async with (
            asyncio.timeout(patience),
            self.session.get(URL(_ORIGIN + path, encoded=True)) as answer,
        ):
            answer.raise_for_status()
            return json.loads(await answer.read())

    async def close(self) -> None:
        """End every request in flight and close the connections; idempotent."""
        self._retire()
        for inflight in tuple(self._inflight):
            inflight.abort()
        await self.session.close()

    async def _enter(self) -> None:
        if self._retired.is_set():
            raise _draining()
        if self._running < self._at_once:
            self._running += 1
            self._idle.clear()
        elif len(self._queue) < self._queued:
            await self._wait_for_turn()
        else:
            raise UnavailableError(
                "The board has more requests waiting than it can take.",
                hint="Try again in a moment.",
                retry_after=_RETRY_AFTER,
            )

    async def _wait_for_turn(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):  # it was handed on just now, and passed over
                    self._queue.remove(turn)
            elif turn.exception() is None:
                self._leave()  # the slot came just when the request was given up
            raise
        if self._retired.is_set():  # just after the turn was handed over
            self._leave()
            raise _draining()

    def _leave(self) -> None:
        """Hand the slot to the next in the queue, or free it."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._running -= 1
        if self._running == 0:
            self._idle.set()

    def _retire(self) -> None:
        self._retired.set()
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_exception(_draining())


def _draining() -> DrainingError:
    return DrainingError(
        "The board is being restarted.", hint="Try again in a moment.", retry_after=_RETRY_AFTER
    )


def _lost() -> UpstreamLostError:
    return UpstreamLostError(
        "The board's TensorBoard ended while it was answering.",
        hint="Try again in a moment.",
        retry_after=_RETRY_AFTER,
    )


def _session(endpoint: Path) -> aiohttp.ClientSession:
    """Return a session that adds nothing to requests and hides nothing of responses."""
    session = aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(str(endpoint), force_close=True, limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=_CONNECT_TIMEOUT, sock_read=_SILENCE
        ),
        max_line_size=_LONGEST_FIELD,
        max_field_size=_LONGEST_FIELD,
    )
    # aiohttp repeats reads that fail: what kills a board would kill it twice.
    session._retry_connection = False  # noqa: SLF001 - there is no public switch
    return session
