"""Whether the gateway lives and whether it is ready. Public, so it tells nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.api.answering import plain
from tbgateway.domain.errors import UnavailableError
from tbgateway.routes import Exchange, Route, Who


def routes(ready: Callable[[], bool]) -> tuple[Route, ...]:
    """Return the routes of health; `ready` says whether requests are welcome now."""
    return (
        Route("GET", "/healthz", Who.ANYONE, healthz),
        Route("GET", "/readyz", Who.ANYONE, Readiness(ready).readyz),
    )


async def healthz(_exchange: Exchange) -> web.Response:
    """GET /healthz: the process answers."""
    return plain("ok\n")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests are welcome now."""

    ready: Callable[[], bool]

    async def readyz(self, _exchange: Exchange) -> web.Response:
        """GET /readyz."""
        if self.ready():
            return plain("ready\n")
        raise UnavailableError(
            "The gateway starts or stops.", hint="Ask again in a moment.", retry_after=1
        )
