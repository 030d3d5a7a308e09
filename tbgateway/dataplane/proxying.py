"""One request through one board: streamed both ways, repeated only where that is safe."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import aiohttp
from aiohttp import hdrs, web
from yarl import URL

from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.locations import below_board
from tbgateway.dataplane.passing_headers import Headers, from_board, to_board
from tbgateway.domain.errors import TbgatewayError, TimedOutError
from tbgateway.routes import CLIENT_PATIENCE, Exchange
from tbgateway.upstream import DrainingError, Upstream, UpstreamLostError

ORIGIN = "http://tb"
"""What the board's requests are addressed to; the connection goes to its socket."""

_SAFE = frozenset({"GET", "HEAD"})
_NEWS_PATIENCE = 5.0  # seconds for the supervisor to notice that a board's process ended

FindUpstream = Callable[[], Awaitable[Upstream]]


async def forward(
    exchange: Exchange, upstream: Upstream, find_successor: FindUpstream
) -> web.StreamResponse:
    """Answer what the board answers to the same bytes below its own slash.

    If the upstream ends before it answered, its successor is asked, once: always when nothing
    was sent yet, else for GET and HEAD. Raise TimedOutError if the board falls silent and
    UnavailableError if it ends otherwise; after the answer has begun, that cuts it short.
    """
    try:
        return await _through(exchange, upstream)
    except DrainingError:
        pass
    except UpstreamLostError:
        if incoming(exchange).answer is not None or exchange.request.method not in _SAFE:
            raise
        await _wait_for_news(upstream)
    successor = await find_successor()
    if successor is upstream:
        raise _ended()
    return await _through(exchange, successor)


async def _wait_for_news(upstream: Upstream) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_NEWS_PATIENCE):
            await upstream.retired()


async def _through(exchange: Exchange, upstream: Upstream) -> web.StreamResponse:
    upload = _Upload(exchange)
    try:
        async with (
            upstream.request() as inflight,
            inflight.session.request(
                exchange.request.method,
                URL(ORIGIN + _target(exchange), encoded=True),
                headers=_request_headers(exchange),
                data=upload.chunks() if upload.wanted else None,
                allow_redirects=False,
            ) as answer,
        ):
            return await _relay(exchange, answer)
    except TimeoutError as error:
        raise _silent() from error
    except (aiohttp.ClientError, OSError) as error:
        raise upload.failure or _ended() from error


class _Upload:
    """A request's body on its way; remembers why it failed, which aiohttp would wrap."""

    def __init__(self, exchange: Exchange) -> None:
        self.failure: TbgatewayError | None = None
        self._exchange = exchange

    @property
    def wanted(self) -> bool:
        """Whether there is a body, and one that means something."""
        request = self._exchange.request
        return request.method not in _SAFE and request.body_exists

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives."""
        try:
            async for chunk in self._exchange.chunks():
                yield chunk
        except TbgatewayError as error:
            self.failure = error
            raise


def _target(exchange: Exchange) -> str:
    """Return what is below the board's name, byte by byte as it arrived."""
    query = exchange.target.query if exchange.target else ""
    return f"/{exchange.params['rest']}" + (f"?{query}" if query else "")


def _request_headers(exchange: Exchange) -> Headers:
    headers = to_board(exchange.request.raw_headers)
    length = exchange.request.content_length
    if length is not None and exchange.request.method not in _SAFE:
        headers.append((hdrs.CONTENT_LENGTH, str(length)))
    return headers


async def _relay(exchange: Exchange, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Pass the answer on, each chunk as soon as it is there."""
    headers = from_board(answer.raw_headers)
    response = web.StreamResponse(
        status=answer.status, headers=below_board(headers, exchange.params["rest"])
    )
    exchange.ours = False
    await response.prepare(exchange.request)
    async for chunk in answer.content.iter_any():
        async with asyncio.timeout(CLIENT_PATIENCE):
            await response.write(chunk)
    await response.write_eof()
    return response


def _ended() -> UpstreamLostError:
    return UpstreamLostError(
        "The board's TensorBoard ended before it had answered.",
        hint="Try again in a moment.",
        retry_after=1.0,
    )


def _silent() -> TimedOutError:
    return TimedOutError(
        "The board's TensorBoard has not answered in time.",
        hint="Large experiments take long to load; try again in a moment.",
        retry_after=5.0,
    )
