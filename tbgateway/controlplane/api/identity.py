"""Whom the gateway takes the caller for, and what runs here."""

from importlib.metadata import version

from aiohttp import web

import tbgateway
from tbgateway.controlplane.api.answering import answer
from tbgateway.controlplane.api.asking import query_of
from tbgateway.domain.errors import UnauthenticatedError
from tbgateway.domain.model import LocalOperator, Role, SignedIn
from tbgateway.members import who
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import VersionAnswer, WhoAmIAnswer
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.requests import NoQuery

_TAG = "gateway"

WHOAMI = Operation(
    id="whoAmI",
    tag=_TAG,
    summary="Tell whom the gateway takes the caller for",
    replies={200: Reply("The caller.", WhoAmIAnswer)},
)
VERSION = Operation(
    id="showVersion",
    tag=_TAG,
    summary="Tell what runs here",
    replies={200: Reply("The versions.", VersionAnswer)},
)


def routes() -> tuple[Route, ...]:
    """Return the routes that tell about the caller and the gateway."""
    return (
        Route("GET", "/api/v1/whoami", Who.VIEWERS, whoami, operation=WHOAMI),
        Route("GET", "/api/v1/version", Who.VIEWERS, show_version, operation=VERSION),
    )


async def whoami(exchange: Exchange) -> web.Response:
    """GET /whoami."""
    query_of(exchange, NoQuery)
    match exchange.identity:
        case LocalOperator():
            content = WhoAmIAnswer(kind="local", name=who(exchange.identity), role=Role.ADMIN)
        case SignedIn(name=name, role=role):
            content = WhoAmIAnswer(kind="member", name=name, role=role)
        case _:
            raise UnauthenticatedError("Nobody is signed in.", hint="Send a token or a password.")
    return answer(content)


async def show_version(exchange: Exchange) -> web.Response:
    """GET /version."""
    query_of(exchange, NoQuery)
    content = VersionAnswer(tbgateway=tbgateway.__version__, tensorboard=version("tensorboard"))
    return answer(content)
