"""The slots of one generation: so many requests at once, a queue before them, an orderly end."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import aiohttp

from tbgateway.domain.errors import UnavailableError
from tbgateway.domain.shortages import shortage_in
from tbgateway.upstream.inflight_request import RETRY_AFTER, InflightRequest, UpstreamLostError
from tbgateway.upstream.requests_in_flight import RequestsInFlight

_OK = 200
_AGAIN = 0.5  # seconds until one that took no connection is asked again


class DrainingError(UnavailableError):
    """This generation takes no new requests; a newer one may. Nothing was sent to it."""


@dataclass(slots=True, eq=False)
class _Turn:
    """A request that waits for a slot `since` a moment of the loop's clock."""

    taken: asyncio.Future[None]
    since: float


class Upstream:
    """A TensorBoard behind a unix socket, with `at_once` requests in it and `queued` before it.

    Werkzeug starts a thread per connection and always closes it: without a limit a page that
    asks for a hundred things starts a hundred threads. Construct it inside a running loop.
    """

    def __init__(self, endpoint: Path, at_once: int = 16, queued: int = 128) -> None:
        self.endpoint = endpoint
        self._at_once = at_once
        self._queued = queued
        self._queue: deque[_Turn] = deque()
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._retired = asyncio.Event()
        self._inflight = RequestsInFlight()
        self._closed = False
        self.answers = True  # as far as anybody found out who asked

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

    @property
    def silence(self) -> float:
        """For how many seconds the board has let some request wait without a byte."""
        return self._inflight.silence

    def request(self) -> "Slot":
        """Return a block that holds a slot, waiting for one if needed.

        It raises UnavailableError if the queue is full, TimeoutError if the board was found to
        hang meanwhile, DrainingError if no request is taken any more, and UpstreamLostError at its
        end if `close` was called meanwhile.
        """
        return Slot(self)

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
        try:
            async with asyncio.timeout(patience):
                with self.noted() as inflight:
                    answer = await inflight.ask("GET", path)
                    if answer.status != _OK:
                        raise aiohttp.ClientError(f"the board said {answer.status} to {path}")
                    return json.loads(await answer.content.read())
        except UpstreamLostError as error:
            raise aiohttp.ClientConnectionError("the upstream was closed") from error

    async def answers_to(self, path: str, *, within: float) -> bool | None:
        """Ask as `get_json` does; return whether any answer begins `within` so many seconds.

        None if the gateway itself is short of what it needs to ask: that says nothing of the board.

        Where no connection is taken, or one ends, it is tried again: a busy process may have its
        hands full, and one that has ended is somebody else's concern.
        """
        answered: bool | None = False
        with suppress(TimeoutError, UpstreamLostError):
            async with asyncio.timeout(within):
                while True:
                    answered = await self._answered(path)
                    if answered:
                        return True
                    await asyncio.sleep(_AGAIN)
        return answered

    async def _answered(self, path: str) -> bool | None:
        try:
            with self.noted() as inflight:
                await inflight.ask("GET", path)
        except (aiohttp.ClientError, OSError) as error:
            return None if shortage_in(error) else False
        return True

    def give_up(self, silence: float) -> None:
        """Let requests time out that waited for so many seconds: the board hangs.

        Also those that wait for a slot: they would only wait for the same once more.
        """
        self._inflight.give_up(silence)
        latest = asyncio.get_running_loop().time() - silence
        for turn in [turn for turn in self._queue if turn.since <= latest]:
            self._queue.remove(turn)
            if not turn.taken.done():
                turn.taken.set_exception(TimeoutError("the board fell silent"))

    async def close(self) -> None:
        """End every request in flight and close the connections; idempotent."""
        self._retire()
        self._closed = True
        self._inflight.abort()

    def noted(self) -> InflightRequest:
        """Return a block for a request that `close` ends; it holds no slot."""
        return InflightRequest(self.endpoint, self._inflight)

    async def enter(self) -> None:
        """Take a slot, or wait for one; see `request`, which gives it back as well."""
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
                retry_after=RETRY_AFTER,
            )

    def leave(self) -> None:
        """Hand the slot to the next in the queue, or free it."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.taken.done():
                turn.taken.set_result(None)
                return
        self._running -= 1
        if self._running == 0:
            self._idle.set()

    async def _wait_for_turn(self) -> None:
        loop = asyncio.get_running_loop()
        turn = _Turn(loop.create_future(), loop.time())
        self._queue.append(turn)
        try:
            await turn.taken
        except asyncio.CancelledError:
            if turn.taken.cancelled():
                with suppress(ValueError):  # it was handed on just now, and passed over
                    self._queue.remove(turn)
            elif turn.taken.exception() is None:
                self.leave()  # the slot came just when the request was given up
            raise
        if self._retired.is_set():  # just after the turn was handed over
            self.leave()
            raise _draining()

    def _retire(self) -> None:
        self._retired.set()
        while self._queue:
            turn = self._queue.popleft()
            if not turn.taken.done():
                turn.taken.set_exception(_draining())


class Slot:
    """The block of Upstream.request."""

    __slots__ = ("_inflight", "_upstream")

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._inflight = upstream.noted()

    async def __aenter__(self) -> InflightRequest:
        await self._upstream.enter()
        return self._inflight.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._inflight.__exit__(kind, error, traceback)
        finally:
            self._upstream.leave()


def _draining() -> DrainingError:
    return DrainingError(
        "The board is being restarted.", hint="Try again in a moment.", retry_after=RETRY_AFTER
    )
