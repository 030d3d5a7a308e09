"""The way of every request, as data: the steps in their order, and what runs them."""

import time
from collections.abc import Awaitable, Iterable

from aiohttp import web

from tbgateway.dataplane.access_log import log_and_identify
from tbgateway.dataplane.arrivals import arrive_alone
from tbgateway.dataplane.authentication import authenticate
from tbgateway.dataplane.authorisation import authorise
from tbgateway.dataplane.cross_site import refuse_cross_site
from tbgateway.dataplane.dispatching import dispatch
from tbgateway.dataplane.error_containment import contain_errors
from tbgateway.dataplane.incoming import IncomingRequest
from tbgateway.dataplane.means import Means, Next, Step
from tbgateway.dataplane.request_validation import validate_request
from tbgateway.dataplane.routing import find_route
from tbgateway.dataplane.security_headers import secure_responses
from tbgateway.domain.errors import DeniedError
from tbgateway.routes import Exchange

STEPS: tuple[Step, ...] = (
    log_and_identify,
    secure_responses,
    contain_errors,
    validate_request,
    find_route,
    authenticate,
    authorise,
    refuse_cross_site,
    arrive_alone,
    dispatch,
)


class Pipeline:
    """Takes every request, whichever door it came in by, through all steps."""

    def __init__(self, first: Next) -> None:
        self._first = first

    def handle(self, request: IncomingRequest) -> Awaitable[web.StreamResponse]:
        """Answer one request."""
        peer = request.peer
        exchange = Exchange(
            request=request,
            door=peer.door,
            request_id="",
            started=time.monotonic(),
            client=peer.address,
        )
        return self._first(exchange)


def build_pipeline(means: Means, steps: Iterable[Step] = STEPS) -> Pipeline:
    """Chain `steps`; tests leave one out to see that it is missed."""
    following: Next = _nobody_answered
    for step in reversed(tuple(steps)):
        following = _chained(means, step, following)
    return Pipeline(following)


def _chained(means: Means, step: Step, following: Next) -> Next:
    def take(exchange: Exchange) -> Awaitable[web.StreamResponse]:
        return step(means, exchange, following)

    return take


async def _nobody_answered(_exchange: Exchange) -> web.StreamResponse:
    raise DeniedError("No step of the pipeline answered.")
