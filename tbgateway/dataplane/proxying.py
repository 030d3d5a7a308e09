"""One request through one board: the answer is streamed, and repeated only where that is safe."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
from aiohttp import web

from tbgateway.dataplane.answer_relay import AnswerRelay, send_whole
from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.locations import below_board
from tbgateway.dataplane.passing_headers import from_board, to_board
from tbgateway.domain.errors import TimedOutError, UnavailableError
from tbgateway.domain.shortages import shortage_in
from tbgateway.routes import Exchange
from tbgateway.upstream import Answer, DrainingError, Upstream, UpstreamLostError

_SHORT = 64 * 1024  # bytes; what a transport takes without making anybody wait for its client
_SAFE = frozenset({"GET", "HEAD"})  # to repeat
_NEWS_PATIENCE = 5.0  # seconds for the supervisor to notice that a board's process ended
_LONGEST_HANG = 9.0  # seconds after which who came to a board that hangs is told so

FindUpstream = Callable[[], Awaitable[Upstream]]


async def forward(
    exchange: Exchange, body: bytes | None, upstream: Upstream, find_successor: FindUpstream
) -> web.StreamResponse:
    """Answer what the board answers to the same bytes below its own slash.

    If the upstream ends before it answered, its successor is asked, once: always when nothing
    was sent yet, else for GET and HEAD. Raise TimedOutError if the board falls silent, also if it
    was found to hang and its successor takes long, and UnavailableError if it ends otherwise; after
    the answer has begun, that cuts it short.
    Raise ClientLeftError if it is the client who ends it, or reads too slowly.
    """
    told_at = asyncio.get_running_loop().time() + _LONGEST_HANG
    try:
        return await _through(exchange, body, upstream)
    except DrainingError:
        pass
    except UpstreamLostError as error:
        if incoming(exchange).answer is not None or exchange.request.method not in _SAFE:
            raise error if upstream.answers else _silent(upstream) from error
        await _wait_for_news(upstream)
    successor = await _successor(upstream, find_successor, told_at)
    if successor is upstream:
        raise _ended()
    return await _through(exchange, body, successor)


async def _successor(upstream: Upstream, find: FindUpstream, told_at: float) -> Upstream:
    """Wait for the next generation; of one that hung only until `told_at`."""
    try:
        async with asyncio.timeout_at(None if upstream.answers else told_at):
            return await find()
    except TimeoutError as error:
        raise _silent(upstream) from error


async def _wait_for_news(upstream: Upstream) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_NEWS_PATIENCE):
            await upstream.retired()


async def _through(
    exchange: Exchange, body: bytes | None, upstream: Upstream
) -> web.StreamResponse:
    try:
        async with upstream.request() as inflight:
            request = exchange.request
            answer = await inflight.ask(
                request.method, _target(exchange), to_board(request.raw_headers), body
            )
            whole = await answer.whole(_SHORT)
            if whole is None:
                return await _relay(exchange, answer)
        return await _at_once(exchange, answer, whole)
    except TimeoutError as error:
        raise _silent(upstream) from error
    except BlockingIOError as error:  # its queue is full: it has no successor yet
        raise _busy() if upstream.answers else _silent(upstream) from error
    except (aiohttp.ClientError, OSError) as error:
        raise _out_of_reach(error) from error


def _target(exchange: Exchange) -> str:
    """Return what is below the board's name, byte by byte as it arrived."""
    _, mark, query = (exchange.target.raw if exchange.target else "").partition("?")
    return f"/{exchange.params['rest']}{mark}{query}"


async def _relay(exchange: Exchange, answer: Answer) -> web.StreamResponse:
    """Pass an answer on piece by piece, holding the board's slot meanwhile."""
    exchange.ours = False
    response = web.StreamResponse(status=answer.status, headers=_headers(exchange, answer))
    await AnswerRelay(exchange.request, response).run(answer.content)
    return response


async def _at_once(exchange: Exchange, answer: Answer, body: bytes) -> web.StreamResponse:
    """Answer with a body that is all there; the client gets it in one piece."""
    exchange.ours = False
    response = web.Response(status=answer.status, headers=_headers(exchange, answer), body=body)
    await send_whole(exchange.request, response)
    return response


def _headers(exchange: Exchange, answer: Answer) -> list[tuple[str, str]]:
    return below_board(from_board(answer.raw_headers), exchange.params["rest"])


def _out_of_reach(error: Exception) -> UnavailableError:
    shortage = shortage_in(error)
    if not shortage:
        return _ended()
    return UnavailableError(
        f"The gateway cannot ask the board: {shortage}.",
        hint="The board goes on running; try again in a moment.",
        retry_after=2.0,
    )


def _ended() -> UpstreamLostError:
    return UpstreamLostError(
        "The board's TensorBoard ended before it had answered.",
        hint="Try again in a moment.",
        retry_after=1.0,
    )


def _busy() -> UnavailableError:
    return UnavailableError(
        "The board's TensorBoard has more requests waiting than it can take.",
        hint="Try again in a moment.",
        retry_after=1.0,
    )


def _silent(upstream: Upstream) -> TimedOutError:
    if upstream.answers:
        return TimedOutError(
            "The board's TensorBoard is busy with this and has not answered in time.",
            hint="It answers other requests. Large experiments take long to load; try again later.",
            retry_after=5.0,
        )
    return TimedOutError(
        "The board does not answer: its TensorBoard hangs.",
        hint="A new one is started, unless it recovers; try again in a moment.",
        retry_after=5.0,
    )
