"""The outermost step: who asked, under which id, and what became of it."""

import logging
import time
from secrets import token_hex

import structlog
from aiohttp import web
from structlog.contextvars import bind_contextvars

from tbgateway.dataplane.incoming import CLIENT_LEFT, IncomingRequest, incoming
from tbgateway.dataplane.means import Means, Next
from tbgateway.domain.model import Identity, LocalOperator, SignedIn, Visitor
from tbgateway.routes import Exchange
from tbgateway.telemetry.logs import VERBOSITY
from tbgateway.telemetry.request_metrics import surface_of

log = structlog.get_logger(__name__)

_REFUSED = 400  # the statuses from here on say that something was not answered
_QUIET = frozenset({"assets", "probe"})


async def log_and_identify(means: Means, exchange: Exchange, call_next: Next) -> web.StreamResponse:
    """Give the request its id and its client's address; log and count it when it is over."""
    request = incoming(exchange)
    exchange.client = means.origins.client(request)
    exchange.request_id = means.origins.request_id(request) or token_hex(8)
    request.before_headers(lambda response: _name(response, exchange.request_id))
    means.requests.begin()
    # Never unbound: every request has a task of its own, and the task a context of its own.
    bind_contextvars(request_id=exchange.request_id)
    response: web.StreamResponse | None = None
    try:
        response = await call_next(exchange)
    finally:
        _finish(means, exchange, request, response)
    return response


def _name(response: web.StreamResponse, request_id: str) -> None:
    response.headers["X-Request-ID"] = request_id


def _finish(
    means: Means,
    exchange: Exchange,
    request: IncomingRequest,
    response: web.StreamResponse | None,
) -> None:
    status = CLIENT_LEFT if response is None else response.status
    sent = _size(request, response)
    seconds = time.monotonic() - exchange.started
    pattern = exchange.route.pattern if exchange.route else ""
    means.requests.end(pattern, status, seconds=seconds, sent=sent)
    level = logging.DEBUG if _is_routine(exchange, pattern, status) else logging.INFO
    if not VERBOSITY.includes(level):
        return
    log.log(
        level,
        "request",
        method=request.method,
        # Without its query: that one is nobody's business.
        path=ascii(request.raw_target.partition("?")[0])[1:-1],
        status=status,
        bytes=sent,
        milliseconds=round(seconds * 1000, 1),
        client=exchange.client,
        who=_who(exchange.identity),
    )


def _is_routine(exchange: Exchange, pattern: str, status: int) -> bool:
    """Whether a log is better off without it: one look at a board is a hundred requests."""
    if status >= _REFUSED:
        return False
    return not exchange.ours or surface_of(pattern) in _QUIET


def _size(request: IncomingRequest, response: web.StreamResponse | None) -> int:
    """Return the bytes that were sent, or those of the body that is about to be."""
    if request.writer.output_size or response is None:
        return request.writer.output_size
    return response.content_length or 0


def _who(identity: Identity) -> str:
    match identity:
        case SignedIn(name=name):
            return name
        case Visitor(username=username):
            return f"visitor {username}"
        case LocalOperator(uid=uid):
            return f"uid {uid}"
        case _:
            return "-"
