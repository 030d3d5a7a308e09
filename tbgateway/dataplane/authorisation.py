"""The step that decides whether the identity may use the route. What is not allowed is denied."""

from collections.abc import Awaitable

from aiohttp import web

from tbgateway.dataplane.means import Means, Next
from tbgateway.dataplane.refusals import credentials_needed
from tbgateway.domain.access import has_role, may_look
from tbgateway.domain.errors import DeniedError, NotFoundError
from tbgateway.domain.model import Anonymous, Board, Role
from tbgateway.routes import Exchange, Who

_LEAST_ROLE = {Who.VIEWERS: Role.VIEWER, Who.EDITORS: Role.EDITOR, Who.ADMINS: Role.ADMIN}


def authorise(_means: Means, exchange: Exchange, call_next: Next) -> Awaitable[web.StreamResponse]:
    """Mark the exchange as authorised, or raise an error that fits who asks."""
    who = exchange.route.who if exchange.route else None
    match who:
        case Who.ANYONE:
            pass
        case Who.LOOKERS:
            _check_looker(exchange, exchange.board)
        case Who.VIEWERS | Who.EDITORS | Who.ADMINS:
            _check_role(exchange, _LEAST_ROLE[who])
        case _:
            raise DeniedError("No rule says who may do this, so nobody may.")
    exchange.authorised = True
    return call_next(exchange)


def _check_looker(exchange: Exchange, board: Board | None) -> None:
    if board is not None and may_look(exchange.identity, board):
        return
    if isinstance(exchange.identity, Anonymous):
        raise credentials_needed()
    if board is None:
        raise NotFoundError("There is no such board.", command="tbgateway board list")
    if not exchange.deliberate:
        # A browser sends what it knows for / here too; only a 401 makes it ask for the board's.
        raise credentials_needed()
    raise DeniedError(
        "Your account may not look at this board.",
        hint="Ask its owner for the board's own user name and password.",
    )


def _check_role(exchange: Exchange, least: Role) -> None:
    if has_role(exchange.identity, least):
        return
    if isinstance(exchange.identity, Anonymous):
        raise credentials_needed()
    raise DeniedError(
        f"This takes the role {least.value!r}.", hint="Ask an admin of this gateway for it."
    )
