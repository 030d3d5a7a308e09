"""The slots of one generation: so many requests at once, a queue before them, an orderly end."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tbgateway.domain.errors import UnavailableError
from tbgateway.upstream.conversation import Answer, Conversation

_RETRY_AFTER = 1.0
_OK = 200


class DrainingError(UnavailableError):
    """This generation takes no new requests; a newer one may. Nothing was sent to it."""


class UpstreamLostError(UnavailableError):
    """This generation was ended while it worked on the request."""


@dataclass(slots=True, eq=False)
class InflightRequest:
    """A request on an upstream; its connection is closed when it is left."""

    endpoint: Path
    deadline: asyncio.Timeout
    conversation: Conversation | None = None

    async def ask(
        self,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> Answer:
        """Ask the board, once; return its answer, whose body is still to be read.

        `target` is sent as it is. Raise OSError, aiohttp.ClientError or TimeoutError.
        """
        self.conversation = await Conversation.begin(self.endpoint)
        return await self.conversation.ask(method, target, headers, body)

    def abort(self) -> None:
        """End the request now: its task leaves the slot with UpstreamLostError."""
        if not self.deadline.expired():
            self.deadline.reschedule(asyncio.get_running_loop().time())

    def close(self) -> None:
        """Close the connection."""
        if self.conversation is not None:
            self.conversation.close()


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
        self._inflight: set[InflightRequest] = set()
        self._closed = False

    def __repr__(self) -> str:
        """Tell the socket, how busy it is, and whether it still takes requests."""
        state = "draining" if self._retired.is_set() else "open"
        return f"<Upstream {self.endpoint.name} {state} {self._running}+{len(self._queue)}>"

    @property
    def in_flight(self) -> int:
        """How many requests hold a slot or wait for one."""
        return self._running + len(self._queue)

    @property
    def waiting(self) -> int:
        """How many requests wait for a slot."""
        return len(self._queue)

    @asynccontextmanager
    async def request(self) -> AsyncIterator[InflightRequest]:
        """Hold a slot, waiting for one if needed.

        Raise UnavailableError if the queue is full, DrainingError if no request is taken any
        more, and UpstreamLostError out of the block if `close` was called meanwhile.
        """
        await self._enter()
        try:
            async with asyncio.timeout(None) as deadline:
                with self._noted(deadline) as inflight:
                    yield inflight
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
        if self._closed:
            raise aiohttp.ClientConnectionError("the upstream was closed")
        async with asyncio.timeout(patience) as deadline:
            with self._noted(deadline) as inflight:
                answer = await inflight.ask("GET", path)
                if answer.status != _OK:
                    raise aiohttp.ClientError(f"the board answered {path} with {answer.status}")
                return json.loads(await answer.content.read())

    async def close(self) -> None:
        """End every request in flight and close the connections; idempotent."""
        self._retire()
        self._closed = True
        for inflight in self._inflight:
            inflight.abort()

    @contextmanager
    def _noted(self, deadline: asyncio.Timeout) -> Iterator[InflightRequest]:
        """Have a request that `close` ends, and whose connection is closed afterwards."""
        inflight = InflightRequest(self.endpoint, deadline)
        self._inflight.add(inflight)
        try:
            yield inflight
        finally:
            self._inflight.discard(inflight)
            inflight.close()

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
