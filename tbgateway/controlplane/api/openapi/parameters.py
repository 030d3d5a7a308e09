"""The parameters of an operation: in its path, its query and its headers."""

import re
from collections.abc import Iterator, Mapping

from tbgateway.controlplane.api.openapi.shapes import Shapes
from tbgateway.domain.errors import ERRORS
from tbgateway.domain.names import BOARD_NAME, MEMBER_NAME
from tbgateway.routes import Route
from tbgateway.schemas.operations import Operation

Json = Mapping[str, object]
_IN_PATH = re.compile(r"\{(\w+)\}")
_SEGMENT = r"^(?!\.{1,2}$)[^/\\;%\u0000-\u001f\u007f]+$"

_PATH_PARAMETERS: Mapping[str, tuple[str, Json]] = {
    "board": (
        "A board's id or name.",
        {"type": "string", "pattern": f"^{BOARD_NAME.pattern}$"},
    ),
    "experiment": (
        "An experiment's id, or its name if that holds no `/`.",
        {"type": "string", "pattern": _SEGMENT, "maxLength": 255},
    ),
    "member": ("A member's name.", {"type": "string", "pattern": f"^{MEMBER_NAME.pattern}$"}),
    "token": ("A token's id.", {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,64}$"}),
    "code": ("A problem's code.", {"type": "string", "enum": sorted(ERRORS)}),
}
"""What may stand in a path, by the name that the patterns of routes use."""


def names_in(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern's parameters."""
    return tuple(_IN_PATH.findall(pattern))


def parameters(route: Route, operation: Operation, shapes: Shapes) -> list[Json]:
    """Return all parameters; raise KeyError for one in the path that nobody has described."""
    return [*_in_path(route), *_in_query(operation, shapes), *_in_headers(operation)]


def _in_path(route: Route) -> Iterator[Json]:
    for name in names_in(route.pattern):
        meaning, schema = _PATH_PARAMETERS[name]
        yield _parameter("path", name, schema, meaning, required=True)


def _in_query(operation: Operation, shapes: Shapes) -> Iterator[Json]:
    for name, schema in shapes.fields(operation.query).items():
        meaning = schema.pop("description", "")
        yield _parameter("query", name, schema, str(meaning))


def _in_headers(operation: Operation) -> Iterator[Json]:
    for name, header in operation.headers.items():
        yield _parameter("header", name, header.schema, header.meaning)


def _parameter(
    place: str, name: str, schema: Json, meaning: str, *, required: bool = False
) -> Json:
    told: dict[str, object] = {"in": place, "name": name, "required": required, "schema": schema}
    return told | ({"description": meaning} if meaning else {})
