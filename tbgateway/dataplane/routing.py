"""The step that finds the route; what has none goes no further."""

from collections.abc import Awaitable

from aiohttp import web

from tbgateway.dataplane.means import Means, Next, answered
from tbgateway.dataplane.redirects import redirect
from tbgateway.domain.errors import BadRequestError
from tbgateway.routes import Exchange


def find_route(means: Means, exchange: Exchange, call_next: Next) -> Awaitable[web.StreamResponse]:
    """Leave the route and its parameters in the exchange; raise NotFoundError if there is none."""
    target = exchange.target
    if target is None:
        raise BadRequestError("The request target was not validated.")
    if not target.path:  # the external prefix itself: links of a page there would lead astray
        return answered(redirect(f"{target.prefix.rpartition('/')[2]}/", target.query))
    match = means.router.match(exchange.request.method, target.path)
    exchange.route, exchange.params = match.route, match.params
    return call_next(exchange)
