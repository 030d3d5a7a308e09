"""What may be said of an experiment: its parameters, its tags, its notes."""

import math
import sys
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, PlainValidator, WithJsonSchema
from pydantic.config import JsonDict

from tbgateway.domain.description import (
    LONGEST_KEY,
    LONGEST_NOTES,
    LONGEST_TAG,
    LONGEST_VALUE,
    MOST_PARAMS,
    MOST_TAGS,
    Condition,
    check_notes,
    check_params,
    check_tags,
    parse_condition,
)
from tbgateway.domain.model import ParamValue
from tbgateway.schemas.fields import checked, in_our_words

_TEXT = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
_LARGEST = sys.float_info.max
_VALUES: tuple[JsonDict, ...] = (
    {"type": "boolean"},
    {"type": "number", "minimum": -_LARGEST, "maximum": _LARGEST},
    {"type": "string", "maxLength": LONGEST_VALUE, "pattern": _TEXT},
)
_TAG: JsonDict = {
    "type": "string",
    "format": "tag",
    "minLength": 1,
    "maxLength": LONGEST_TAG,
    "description": "Printable characters without commas, and without blanks around them.",
    "examples": ["baseline"],
}


def _params_schema(*values: JsonDict) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_PARAMS,
            "propertyNames": {
                "type": "string",
                "format": "param-name",
                "minLength": 1,
                "maxLength": LONGEST_KEY,
            },
            "additionalProperties": {"anyOf": list(values)},
            "description": "What the experiment runs with, by names of printable characters,"
            " without any of = < > ! and without blanks around them.",
            "examples": [{"optimizer.lr": 0.001, "model": "resnet50", "amp": True}],
        }
    )


def _params(params: Mapping[str, Any]) -> Mapping[str, ParamValue]:
    """Return the parameters; an integer that is too large for one is a number like any other."""
    with in_our_words():
        return check_params({key: _number(value) for key, value in params.items()})


def _changes(params: Mapping[str, Any]) -> Mapping[str, ParamValue | None]:
    given = {key: value for key, value in params.items() if value is not None}
    names = dict.fromkeys(params, False)
    with in_our_words():
        check_params(names)
    return {**params, **_params(given)}


def _number(value: ParamValue) -> ParamValue:
    if not isinstance(value, int) or value.bit_length() <= _INTEGER:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf  # which is refused


def _tag(text: str) -> str:
    return check_tags((text,))[0]


def _condition(text: object) -> Condition:
    with in_our_words():
        return parse_condition(str(text))


_INTEGER = 64  # bits
Params = Annotated[dict[str, Any], AfterValidator(_params), _params_schema(*_VALUES)]
ParamChanges = Annotated[
    dict[str, Any], AfterValidator(_changes), _params_schema(*_VALUES, {"type": "null"})
]
Tag = Annotated[str, checked(_tag), WithJsonSchema(_TAG)]
Tags = Annotated[
    tuple[str, ...],
    checked(check_tags),
    WithJsonSchema({"type": "array", "items": _TAG, "maxItems": MOST_TAGS, "uniqueItems": True}),
]
Notes = Annotated[
    str,
    checked(check_notes),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": LONGEST_NOTES,
            "pattern": _TEXT,
            "description": "Markdown, without control characters but tabs and line breaks.",
        }
    ),
]
ParamCondition = Annotated[
    Condition,
    PlainValidator(_condition),
    WithJsonSchema(
        {
            "type": "string",
            "format": "param-condition",
            "description": "A parameter's name, one of == != < <= > >= and a value; or a name"
            " alone, for those that have it.",
            "examples": ["optimizer.lr<1e-3"],
        }
    ),
]
