"""The JSON schemas of what is asked and answered, as the shapes themselves tell them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from tbgateway.domain.errors import TbgatewayError
from tbgateway.schemas.answers import ProblemAnswer
from tbgateway.schemas.operations import JSON, Operation
from tbgateway.schemas.parsing import parse_body
from tbgateway.schemas.requests import Body, Query

Json = Mapping[str, object]
_PLACE = "#/components/schemas/"


class _WithoutTitles(GenerateJsonSchema):
    """Leaves the titles of fields out: they only repeat the names."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's own signature
        return False


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes of a document by their names."""

    definitions: Mapping[str, Json]

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> Self:
        """Collect what the operations ask for and answer."""
        _, schema = models_json_schema(
            list(dict.fromkeys(_models(operations))),
            ref_template=f"{_PLACE}{{model}}",
            schema_generator=_WithoutTitles,
        )
        definitions: dict[str, dict[str, object]] = schema["$defs"]
        for one in definitions.values():
            one.pop("title", None)
        return cls(definitions)

    def request_body(self, shape: type[Body]) -> Json:
        """Describe a body of this shape."""
        content = {JSON: {"schema": reference(shape)}}
        return {"content": content, "required": not _fits_nothing(shape)}

    def fields(self, shape: type[Query]) -> Mapping[str, dict[str, object]]:
        """Return the schemas of a query's parameters; a parameter is left out, never null."""
        properties = self.definitions[shape.__name__].get("properties", {})
        if not isinstance(properties, dict):
            raise TypeError(f"{shape.__name__} has no fields")
        return {name: _never_null(schema) for name, schema in properties.items()}


def reference(shape: type[BaseModel]) -> Json:
    """Return where a shape is defined."""
    return {"$ref": f"{_PLACE}{shape.__name__}"}


def _models(operations: Iterable[Operation]) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    yield ProblemAnswer, "serialization"
    for operation in operations:
        yield operation.query, "validation"
        if operation.body is not None:
            yield operation.body, "validation"
        for reply in operation.replies.values():
            if reply.shape is not None:
                yield reply.shape, "serialization"


def _fits_nothing(shape: type[Body]) -> bool:
    """Whether a request without a body is taken."""
    try:
        parse_body(shape, b"")
    except TbgatewayError:
        return False
    return True


def _never_null(schema: Mapping[str, object]) -> dict[str, object]:
    kinds = schema.get("anyOf")
    rest = {key: value for key, value in schema.items() if key != "anyOf" and value is not None}
    if not isinstance(kinds, list):
        return rest
    (kind,) = (one for one in kinds if one != {"type": "null"})
    return {**kind, **rest}
