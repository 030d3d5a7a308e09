"""The last step: the route's own code, if somebody decided that it may run."""

from aiohttp import web

from tbgateway.dataplane.means import Means, Next
from tbgateway.domain.errors import DeniedError
from tbgateway.routes import Exchange


async def dispatch(_means: Means, exchange: Exchange, _call_next: Next) -> web.StreamResponse:
    """Answer by the route; raise DeniedError if no step allowed it."""
    if exchange.route is None or not exchange.authorised:
        raise DeniedError("Nobody decided whether this is allowed, so it is not.")
    return await exchange.route.handle(exchange)
