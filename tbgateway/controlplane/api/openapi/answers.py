"""The answers of an operation: those it names itself, and all the ways to be refused."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tbgateway.controlplane.api.openapi.parameters import names_in
from tbgateway.controlplane.api.openapi.shapes import reference
from tbgateway.domain.errors import (
    BadRequestError,
    DeniedError,
    HeadersTooLargeError,
    InvalidInputError,
    MisdirectedError,
    NotFoundError,
    PayloadTooLargeError,
    StorageFullError,
    TbgatewayError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedMediaTypeError,
    UriTooLongError,
)
from tbgateway.rendering.problems import PROBLEM_JSON
from tbgateway.routes import Route, Who
from tbgateway.schemas.answers import ProblemAnswer
from tbgateway.schemas.operations import TEXT, Header, Operation, Reply

Json = Mapping[str, object]
Kinds = frozenset[type[TbgatewayError]]

_UNREAD: Kinds = frozenset({BadRequestError, UriTooLongError, HeadersTooLargeError})
"""Errors of requests that could not be read: it is not known then that they were for the API."""
_ALWAYS: Kinds = _UNREAD | {
    InvalidInputError,
    MisdirectedError,
    UnavailableError,
    TbgatewayError,
}
_WITH_CREDENTIALS: Kinds = frozenset({UnauthenticatedError, DeniedError, TooManyRequestsError})
_CHANGING: Kinds = frozenset(
    {DeniedError, PayloadTooLargeError, UnsupportedMediaTypeError, StorageFullError}
)
_NUMBER = {"type": "integer", "minimum": 0}

_HEADERS_OF: Mapping[int, Mapping[str, Header]] = {
    401: {"WWW-Authenticate": Header("How to authenticate.")},
    429: {"Retry-After": Header("Seconds after which asking again may help.", _NUMBER)},
    503: {"Retry-After": Header("Seconds after which asking again may help.", _NUMBER)},
}
HEADERS: Mapping[str, Json] = {
    "X-Request-ID": {
        "description": "The id of the request, as the gateway's log has it. Every answer has one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]{8,64}$"},
    }
}


class Answers:
    """Describes answers, and keeps the refusals for all operations to refer to."""

    def __init__(self, operations: Sequence[tuple[Route, Operation]]) -> None:
        self._operations = operations
        self.refusals: dict[str, Json] = {}

    def of(self, route: Route, operation: Operation) -> Json:
        """Return the answers of one operation by status."""
        told: dict[str, Json] = {
            str(status): self._reply(operation, reply)
            for status, reply in operation.replies.items()
        }
        by_status: defaultdict[int, list[type[TbgatewayError]]] = defaultdict(list)
        for kind in sorted(refusals_of(route, operation), key=lambda kind: kind.code):
            by_status[kind.status].append(kind)
        for status, kinds in sorted(by_status.items()):
            told[str(status)] = self._refusal(status, kinds, ours=route.pattern.startswith("/api/"))
        return told

    def _reply(self, operation: Operation, reply: Reply) -> Json:
        told: dict[str, object] = {
            "description": reply.meaning,
            "headers": _headers(reply.headers),
        }
        if reply.content_type:
            schema = {"schema": reference(reply.shape)} if reply.shape else {}
            told["content"] = {reply.content_type: schema}
        links = self._links(operation)
        return told | ({"links": links} if links else {})

    def _links(self, operation: Operation) -> Json:
        """Lead from what was made to all that can be done with it."""
        return {
            other.id: {
                "operationId": other.id,
                "parameters": {
                    f"path.{name}": f"$response.body#/{operation.names[name]}" for name in names
                },
            }
            for route, other in self._operations
            if (names := names_in(route.pattern)) and operation.names.keys() >= set(names)
        }

    def _refusal(self, status: int, kinds: Sequence[type[TbgatewayError]], *, ours: bool) -> Json:
        name = ".".join(kind.code for kind in kinds) + ("" if ours else ".negotiated")
        codes = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
        problem = {PROBLEM_JSON: {"schema": {"allOf": [reference(ProblemAnswer), codes]}}}
        self.refusals[name] = {
            "description": " / ".join(f"`{kind.code}`: {_meaning(kind)}" for kind in kinds),
            "headers": _headers(_HEADERS_OF.get(status, {})),
            "content": {**problem, **_otherwise(kinds, ours=ours)},
        }
        return {"$ref": f"#/components/responses/{name}"}


def refusals_of(route: Route, operation: Operation) -> Kinds:
    """Return the errors that an operation may answer with."""
    kinds = _ALWAYS | frozenset(operation.errors)
    if route.who is not Who.ANYONE:
        kinds |= _WITH_CREDENTIALS
    if names_in(route.pattern):
        kinds |= {NotFoundError}
    return kinds if route.method == "GET" else kinds | _CHANGING


def _otherwise(kinds: Sequence[type[TbgatewayError]], *, ours: bool) -> Json:
    """Return what a refusal may be if it is no problem document."""
    if ours:
        return {} if _UNREAD.isdisjoint(kinds) else {TEXT: {}}
    return {TEXT: {}, "text/html": {}}


def _meaning(kind: type[TbgatewayError]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _headers(headers: Mapping[str, Header]) -> Json:
    own = {
        name: {"description": header.meaning, "schema": header.schema}
        for name, header in headers.items()
    }
    return {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}, **own}
