"""One stream of events, from its first line to its end; and how many there may be."""

import asyncio
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import structlog
from aiohttp import hdrs, web

from tbgateway.controlplane.api.event_feed import EventFeed
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.errors import TooManyRequestsError, UnavailableError
from tbgateway.events import Bus, News
from tbgateway.schemas.operations import EVENT_STREAM

log = structlog.get_logger(__name__)

RETRY = 2.0
"""Seconds after which a client that lost its stream shall come back."""
_PATIENCE = 20.0  # seconds for a client to take what was sent before it counts as gone
_TURN = 0.005  # seconds of work for streams before everybody else gets a turn
_MOST_AT_ONCE = 64 * 1024  # bytes; a slow client's patience is for so many
_HEADERS = {
    hdrs.CONTENT_TYPE: EVENT_STREAM,
    hdrs.CACHE_CONTROL: "no-store",
    "X-Accel-Buffering": "no",  # nginx would collect events until its buffer is full
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How many streams there may be, `each` for one member; times in seconds.

    A silent stream says something every `heartbeat`. News that comes in quick succession is sent
    every `pace`: of several about the same subject, the newest.
    """

    most: int = 512
    each: int = 32
    heartbeat: float = 15.0
    pace: float = 0.25


@dataclass(slots=True)
class Streams:
    """The streams that are open."""

    limits: StreamLimits = field(default_factory=StreamLimits)
    share: LoopShare = field(default_factory=partial(LoopShare, _TURN))
    _by_listener: Counter[str] = field(default_factory=Counter)
    _open: set[asyncio.Transport | None] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._open)

    @contextmanager
    def one_more(self, listener: str, transport: asyncio.Transport | None) -> Iterator[None]:
        """Count a stream inside the block; raise TooManyRequestsError or UnavailableError."""
        if self._by_listener[listener] >= self.limits.each:
            raise TooManyRequestsError(
                f"You listen to {self.limits.each} streams of events already.",
                hint="Close one of them, or share one between what listens.",
                retry_after=60.0,
            )
        if len(self) >= self.limits.most:
            raise UnavailableError(
                "Too many clients listen to events.",
                hint="Ask again later, or fetch what you want to know.",
                retry_after=60.0,
            )
        self._by_listener[listener] += 1
        self._open.add(transport)
        try:
            yield
        finally:
            self._open.discard(transport)
            self._by_listener[listener] -= 1
            self._by_listener += Counter()  # forget those who have none

    def cut_off(self) -> None:
        """Hang up on those who do not read to the end: nobody waits for them."""
        for transport in self._open:
            if transport is not None:
                transport.abort()


class EventStream:
    """Sends news to one client, as fast as that takes it, for as long as it `may_go_on`."""

    def __init__(
        self, bus: Bus, feed: EventFeed, may_go_on: Callable[[], bool], streams: Streams
    ) -> None:
        self._bus = bus
        self._feed = feed
        self._may_go_on = may_go_on
        self._limits = streams.limits
        self._share = streams.share
        self._response = web.StreamResponse(headers=_HEADERS)

    async def run(self, request: web.BaseRequest, place: int | None) -> web.StreamResponse:
        """Send what happened after `place`, or a reset first if that is not known."""
        try:
            await self._response.prepare(request)
            if request.method != hdrs.METH_HEAD:
                _notice_dead_peers(request)
                await self._send(b"retry: %d\n\n" % (RETRY * 1000))
                await self._tell(place)
            await self._response.write_eof()
        except (TimeoutError, ConnectionError) as error:
            log.info("listener left", reason=str(error) or "it does not read")
            if request.transport is not None:
                request.transport.abort()
        return self._response

    async def _tell(self, place: int | None) -> None:
        if place is None:
            place = await self._reset()
        while place is not None:
            place = await self._go_on(place)

    async def _go_on(self, place: int) -> int | None:
        """Send what happens next after a place, or that nothing does; return the place then.

        None is the end: there, and in all that follows.
        """
        happened = await self._bus.wait(place, seconds=self._limits.heartbeat)
        if not self._goes_on():
            return None
        if not happened:
            await self._send(b":\nid: %s\n\n" % self._bus.id_of(place).encode())
            return place
        following = await self._tell_after(place)
        if following is None or await self._bus.closes(within=self._limits.pace):
            return None
        return following

    async def _tell_after(self, place: int) -> int | None:
        reading = await self._share.take(partial(self._bus.read, place))
        if reading.missed:
            return await self._reset()
        news = deque(reading.news)
        following: int | None = place
        while news and following is not None:
            text, following = await self._share.take(partial(self._part, news))
            if text:
                await self._send(text)
        return following

    def _part(self, news: deque[tuple[int, News]]) -> tuple[bytearray, int | None]:
        """Take as much of the news as one turn allows; return what to say, and the last place."""
        text, place = bytearray(), None
        until = time.perf_counter() + self._share.seconds
        while news and self._goes_on() and len(text) < _MOST_AT_ONCE:
            place, one = news.popleft()
            event = self._feed.event(place, one)
            if event is not None:
                text += event.encoded(self._bus.id_of(place))
                if event.last:
                    return text, None
            if time.perf_counter() > until:
                break
        return text, place

    async def _reset(self) -> int | None:
        place = self._bus.newest
        event = self._feed.reset()
        await self._send(event.encoded(self._bus.id_of(place)))
        return None if event.last else place

    async def _send(self, block: bytes | bytearray) -> None:
        async with asyncio.timeout(_PATIENCE):
            await self._response.write(block)

    def _goes_on(self) -> bool:
        return not self._bus.closed and self._may_go_on()


def _notice_dead_peers(request: web.BaseRequest) -> None:
    """Have the kernel give up on a peer that acknowledges nothing: no one else would tell."""
    connected = request.get_extra_info("socket")
    if connected is not None and connected.family in {socket.AF_INET, socket.AF_INET6}:
        patience = int(_PATIENCE * 1000)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience)
