"""The step that turns errors into answers: expected ones into words, others into an id."""

import structlog
from aiohttp import hdrs, web

from tbgateway.dataplane.incoming import CLIENT_LEFT, ClientLeftError, IncomingRequest, incoming
from tbgateway.dataplane.means import Means, Next
from tbgateway.dataplane.ways_in import challenge, leads_to_sign_in, to_sign_in, way_in
from tbgateway.domain.access import has_role, may_change
from tbgateway.domain.errors import BoardFailedError, TbgatewayError, UnauthenticatedError
from tbgateway.domain.model import Board, Role
from tbgateway.rendering.problems import Aid, error_response, programs_at
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange

log = structlog.get_logger(__name__)


async def contain_errors(means: Means, exchange: Exchange, call_next: Next) -> web.StreamResponse:
    """Answer with the error; if an answer has begun, cut the connection instead.

    After the headers the only honest sign is a body that visibly ends too early: whatever else
    is written would become part of it.
    """
    request = incoming(exchange)
    try:
        return await call_next(exchange)
    except ClientLeftError as error:
        return _end(request, str(error))
    except TbgatewayError as error:
        told = error
    except Exception:
        log.exception("internal error")
        told = _internal(exchange.request_id)
    if request.answer is not None:
        log.info("answer cut short", reason=told.detail)
        _hang_up(request)
        return request.answer
    return await _explain(means, exchange, told)


def _internal(request_id: str) -> TbgatewayError:
    return TbgatewayError(
        f"Internal error, id {request_id}.",
        hint="The gateway's log says more under this id.",
    )


def _end(request: IncomingRequest, reason: str) -> web.StreamResponse:
    """Return a response that nobody gets; it is for the log."""
    log.info("client left", reason=reason)
    _hang_up(request)
    return web.Response(status=CLIENT_LEFT)


def _hang_up(request: IncomingRequest) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _explain(means: Means, exchange: Exchange, error: TbgatewayError) -> web.Response:
    exchange.ours = True
    accept = ", ".join(exchange.request.headers.getall(hdrs.ACCEPT, ()))
    unknown = isinstance(error, UnauthenticatedError)
    if unknown and leads_to_sign_in(exchange, accept):
        return to_sign_in(exchange)
    response = error_response(
        error,
        path=_path(exchange),
        accept=accept,
        request_id=exchange.request_id,
        prefix=exchange.external.prefix,
        headers=challenge(exchange) if unknown else {},
        aid=await _aid(means, exchange, error),
    )
    if exchange.target is None:  # it could not be read for certain, so neither can what follows it
        response.force_close()
    return response


def _path(exchange: Exchange) -> str:
    """Return the path below the prefix, or as much of a refused one as tells programs apart."""
    if exchange.target is not None:
        return exchange.target.path
    path = incoming(exchange).raw_target.removeprefix(exchange.external.prefix)
    return programs_at(path) or "/"


async def _aid(means: Means, exchange: Exchange, error: TbgatewayError) -> Aid:
    if isinstance(error, UnauthenticatedError):
        return Aid(sign_in=way_in(exchange))
    board = exchange.board if exchange.authorised else None
    reader = reader_of(exchange.identity)
    if board is None:
        return Aid(reader=reader)
    return Aid(
        reader=reader,
        log_tail=await _log_tail(means, board) if _shows_log(exchange, error) else "",
        board=board.name,
        startable=may_change(exchange.identity, board),
    )


def _shows_log(exchange: Exchange, error: TbgatewayError) -> bool:
    """Whether the board's last words explain the error, to a member of the gateway."""
    return isinstance(error, BoardFailedError) and has_role(exchange.identity, Role.VIEWER)


async def _log_tail(means: Means, board: Board) -> str:
    try:
        return await means.log_tail(board.id)
    except Exception:
        log.exception("the board's log cannot be read")
        return ""
