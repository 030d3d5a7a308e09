"""The whole document."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tbgateway
from tbgateway.controlplane.api.openapi.answers import HEADERS, Answers
from tbgateway.controlplane.api.openapi.parameters import parameters
from tbgateway.controlplane.api.openapi.shapes import Shapes
from tbgateway.routes import Route, Who
from tbgateway.schemas.operations import Operation

Json = Mapping[str, object]

_DESCRIPTION = (
    "Boards, experiments, members and tokens of one gateway. An unknown field, an unknown query"
    " parameter and one that is given twice are refused; only lists are given once for each value."
    " On the gateway's control socket no credentials are needed."
)
_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "tbg_…",
        "description": "An API token.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "A member's name and password.",
    },
}


@dataclass(slots=True)
class Document:
    """The OpenAPI 3.1 document of the routes that have an operation.

    Anybody may ask for it, and to make it takes a while: so it is made once, the first time.
    """

    routes: Sequence[Route]
    _made: bytes = field(default=b"", init=False, repr=False)

    def encoded(self, prefix: str = "") -> bytes:
        """Return it as JSON for a client that finds the gateway at `prefix`.

        That is "" or a path such as "/team/tb"; nothing else differs from client to client.
        """
        self._made = self._made or json.dumps(_description(self.routes)).encode()
        servers = json.dumps([{"url": prefix or "/"}]).encode()
        return b'{"servers": %b, %b' % (servers, self._made.removeprefix(b"{"))


def _description(routes: Sequence[Route]) -> Json:
    """Return all of the document but for where the gateway is."""
    operations = tuple((one, one.operation) for one in routes if one.operation is not None)
    shapes = Shapes.of(operation for _, operation in operations)
    answers = Answers(operations)
    paths: dict[str, dict[str, Json]] = {}
    for route, operation in operations:
        told = _operation(route, operation, shapes, answers)
        paths.setdefault(route.pattern, {})[route.method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tbgateway",
            "version": tbgateway.__version__,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for _, one in operations)],
        "paths": paths,
        "components": {
            "schemas": shapes.definitions,
            "responses": answers.refusals,
            "headers": HEADERS,
            "securitySchemes": _SECURITY,
        },
    }


def _operation(route: Route, operation: Operation, shapes: Shapes, answers: Answers) -> Json:
    told: dict[str, object] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"For {route.who.value}.",
        "parameters": parameters(route, operation, shapes),
        "responses": answers.of(route, operation),
        "security": [] if route.who is Who.ANYONE else [{"token": []}, {"password": []}],
    }
    if operation.body is not None:
        told["requestBody"] = shapes.request_body(operation.body)
    if operation.content:
        told["requestBody"] = {"content": {operation.content: {}}, "required": True}
    return told
