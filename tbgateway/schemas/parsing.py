"""From bytes to shapes; what does not fit is told in the words of the one who asked."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from tbgateway.domain.errors import BadRequestError, InvalidInputError, TbgatewayError
from tbgateway.schemas.fields import REFUSED
from tbgateway.schemas.requests import Body, Query

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def parse_body(shape: type[B], body: bytes) -> B:
    """Read a JSON body; an empty one is an empty object.

    Raise BadRequestError if it is not JSON or a key is given twice, and InvalidInputError, naming
    the field, if it does not fit. Values are never repeated: they may be passwords.
    """
    body = body or b"{}"
    try:
        parsed = shape.model_validate_json(body)
    except ValidationError as error:
        raise _refusal(shape, error) from None  # the cause would carry the values
    # Pydantic takes the last one. Afterwards: what fits is neither deep nor anything but JSON.
    json.loads(body, object_pairs_hook=_check_once, parse_int=float)
    return parsed


def parse_query(shape: type[Q], pairs: Iterable[tuple[str, str]]) -> Q:
    """Read query parameters; raise as `parse_body` does, also for one that is given twice.

    Those that the shape has several values of are given once for each.
    """
    lists: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for name, value in pairs:
        if name in shape.repeatable():
            lists.setdefault(name, []).append(value)
        elif name in texts:
            raise _given_twice(shape, name)
        else:
            texts[name] = value
    try:
        return shape.model_validate(texts | lists)
    except ValidationError as error:
        raise _refusal(shape, error) from None  # as above


def _given_twice(shape: type[Query], name: str) -> BadRequestError:
    several = " and ".join(sorted(shape.repeatable()))
    others = f" Only {several} may be given several times." if several else ""
    return BadRequestError(
        f"The query parameter {name[:100]!r} is given twice.", hint=f"Give it once.{others}"
    )


def _check_once(pairs: list[tuple[str, object]]) -> None:
    given = set[str]()
    for name, _ in pairs:
        if name in given:
            raise BadRequestError(f"The key {name[:100]!r} is given twice.", hint="Give it once.")
        given.add(name)


def _refusal(shape: type[BaseModel], error: ValidationError) -> TbgatewayError:
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    shape = _innermost(shape, problem["loc"])
    match problem["type"]:
        case "json_invalid":
            return BadRequestError(
                f"The body is not valid JSON: {problem['ctx']['error']}.",
                hint=f"Send a JSON object with {_fields(shape)}.",
            )
        case "extra_forbidden":
            return _unknown(shape, str(problem["loc"][-1]), place)
        case "missing":
            return _invalid(shape, place, f"The field {place!r} is missing.")
        case kind if kind == REFUSED:
            context = problem["ctx"]
            return InvalidInputError(context["detail"], hint=context["hint"], field=place)
        case _:
            where = f"The field {place!r} is not valid" if place else "The input is not valid"
            return _invalid(shape, place, f"{where}: {_words(problem)}.")


def _invalid(shape: type[BaseModel], place: str, detail: str) -> InvalidInputError:
    return InvalidInputError(detail, hint=f"Allowed: {_fields(shape)}.", field=place)


def _unknown(shape: type[BaseModel], name: str, place: str) -> InvalidInputError:
    close = get_close_matches(name, shape.model_fields, n=1)
    suggestion = f"Did you mean {close[0]!r}? " if close else ""
    return InvalidInputError(
        f"There is no field {name[:100]!r} here.",
        hint=f"{suggestion}Allowed: {_fields(shape)}.",
        field=place[:100],
    )


def _innermost(shape: type[BaseModel], steps: Iterable[int | str]) -> type[BaseModel]:
    """Return the object in which something was wrong: the last one on the way there."""
    for step in steps:
        field = shape.model_fields.get(str(step))
        inner = None if field is None else field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            shape = inner
    return shape


def _words(problem: ErrorDetails) -> str:
    words = problem["msg"].removeprefix("Value error, ")
    for beginning in ("Input should ", "String should ", "Tuple should ", "Value should "):
        words = words.replace(beginning, "it should ", 1)
    words = words.replace(" after validation", "")
    return words[:1].lower() + words[1:]


def _fields(shape: type[BaseModel]) -> str:
    fields: Mapping[str, object] = shape.model_fields
    needed = {name for name, field in shape.model_fields.items() if field.is_required()}
    named = (f"{name} (required)" if name in needed else name for name in fields)
    return ", ".join(named) or "nothing"
