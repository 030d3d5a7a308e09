"""The last step: the route's own code, if somebody decided that it may run."""

from collections.abc import Awaitable

from aiohttp import web

from tbgateway.dataplane.means import Means, Next
from tbgateway.domain.errors import DeniedError
from tbgateway.routes import Exchange


def dispatch(_means: Means, exchange: Exchange, _call_next: Next) -> Awaitable[web.StreamResponse]:
    """Answer by the route; raise DeniedError if no step allowed it."""
    if exchange.route is None or not exchange.authorised:
        raise DeniedError("Nobody decided whether this is allowed, so it is not.")
    return exchange.route.handle(exchange)
