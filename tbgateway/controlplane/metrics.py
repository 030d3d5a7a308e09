"""GET /metrics: how the gateway is and what it did, for Prometheus. See docs/metrics.md."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from tbgateway.routes import Exchange, Route, Who


@dataclass(frozen=True, slots=True)
class MetricsRoutes:
    """Tells what the `registry` holds, after `refresh` has measured what takes a while."""

    registry: CollectorRegistry
    refresh: Callable[[], Awaitable[None]]

    def routes(self) -> tuple[Route, ...]:
        """Return the route."""
        return (Route("GET", "/metrics", Who.VIEWERS, self.show),)

    async def show(self, exchange: Exchange) -> web.Response:
        """GET /metrics. A query is no error: Prometheus sends one if it is told to."""
        await self.refresh()
        accept = ", ".join(exchange.request.headers.getall(hdrs.ACCEPT, ()))
        encode, content_type = choose_encoder(accept)
        return web.Response(body=encode(self.registry), headers={hdrs.CONTENT_TYPE: content_type})
