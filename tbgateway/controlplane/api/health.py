"""Whether the gateway lives and whether it is ready. Public, so it tells nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.api.answering import plain
from tbgateway.domain.errors import UnavailableError
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.operations import TEXT, Operation, Reply

_TAG = "gateway"

HEALTH = Operation(
    id="checkHealth",
    tag=_TAG,
    summary="Whether the process answers",
    replies={200: Reply("It does.", media_type=TEXT)},
)
READINESS = Operation(
    id="checkReadiness",
    tag=_TAG,
    summary="Whether requests are welcome",
    replies={200: Reply("They are.", media_type=TEXT)},
    errors=(UnavailableError,),
)


def routes(ready: Callable[[], bool]) -> tuple[Route, ...]:
    """Return the routes of health; `ready` says whether requests are welcome now."""
    return (
        Route("GET", "/healthz", Who.ANYONE, healthz, operation=HEALTH),
        Route("GET", "/readyz", Who.ANYONE, Readiness(ready).readyz, operation=READINESS),
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
