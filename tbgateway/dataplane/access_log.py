"""The outermost step: who asked, under which id, and what became of it."""

import time
from secrets import token_hex

import structlog
from aiohttp import web
from structlog.contextvars import bound_contextvars

from tbgateway.dataplane.incoming import CLIENT_LEFT, IncomingRequest, incoming
from tbgateway.dataplane.means import Means, Next
from tbgateway.domain.model import Identity, LocalOperator, SignedIn, Visitor
from tbgateway.routes import Exchange

log = structlog.get_logger(__name__)


async def log_and_identify(means: Means, exchange: Exchange, call_next: Next) -> web.StreamResponse:
    """Give the request its id and its client's address; write one line when it is over."""
    request = incoming(exchange)
    exchange.client = means.origins.client(request)
    exchange.request_id = means.origins.request_id(request) or token_hex(8)
    request.before_headers(lambda response: _name(response, exchange.request_id))
    with bound_contextvars(request_id=exchange.request_id):
        response: web.StreamResponse | None = None
        try:
            response = await call_next(exchange)
        finally:
            _write_line(exchange, request, response)
    return response


def _name(response: web.StreamResponse, request_id: str) -> None:
    response.headers["X-Request-ID"] = request_id


def _write_line(
    exchange: Exchange, request: IncomingRequest, response: web.StreamResponse | None
) -> None:
    """Log the path without its query: that one is nobody's business."""
    log.info(
        "request",
        method=request.method,
        path=ascii(request.raw_target.partition("?")[0])[1:-1],
        status=CLIENT_LEFT if response is None else response.status,
        bytes=_size(request, response),
        milliseconds=round((time.monotonic() - exchange.started) * 1000, 1),
        client=exchange.client,
        who=_who(exchange.identity),
    )


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
