"""What programs read about the API: its OpenAPI document and the meaning of its problems' codes.

Both are public: they tell what this version of the gateway is, and nothing of what is in it.
"""

from collections.abc import Sequence

from aiohttp import web

from tbgateway.controlplane.api.answering import answer
from tbgateway.controlplane.api.asking import query_of
from tbgateway.controlplane.api.openapi import Document
from tbgateway.domain.errors import ERRORS, NotFoundError
from tbgateway.routes import Exchange, Handle, Route, Who
from tbgateway.schemas.answers import ExplanationAnswer
from tbgateway.schemas.operations import JSON, Operation, Reply
from tbgateway.schemas.requests import NoQuery

_TAG = "gateway"

OPENAPI = Operation(
    id="readOpenApi",
    tag=_TAG,
    summary="Read this description of the API",
    replies={200: Reply("An OpenAPI 3.1 document.", media_type=JSON)},
)
PROBLEM = Operation(
    id="explainProblem",
    tag=_TAG,
    summary="Explain the code of a problem",
    replies={200: Reply("What it means.", ExplanationAnswer)},
)


def routes(others: Sequence[Route]) -> tuple[Route, ...]:
    """Return the routes that describe `others` and themselves."""
    explaining = Route("GET", "/api/v1/problems/{code}", Who.ANYONE, explain, operation=PROBLEM)
    everything = [*others, explaining]
    reading = Route(
        "GET", "/api/v1/openapi.json", Who.ANYONE, _reader(everything), operation=OPENAPI
    )
    everything.append(reading)
    return (explaining, reading)


async def explain(exchange: Exchange) -> web.Response:
    """GET /problems/{code}."""
    query_of(exchange, NoQuery)
    code = exchange.params["code"]
    kind = ERRORS.get(code)
    if kind is None:
        raise NotFoundError(
            f"No problem has the code {code!r}.", hint=f"The codes are: {', '.join(sorted(ERRORS))}"
        )
    content = ExplanationAnswer(
        code=kind.code,
        title=kind.title,
        status=kind.status,
        exit_code=kind.exit_code,
        meaning=" ".join((kind.__doc__ or "").split()),
    )
    return answer(content)


def _reader(described: Sequence[Route]) -> Handle:
    document = Document(described)

    async def read(exchange: Exchange) -> web.Response:
        """GET /openapi.json."""
        query_of(exchange, NoQuery)
        return web.Response(body=document.encoded(exchange.external.prefix), content_type=JSON)

    return read
