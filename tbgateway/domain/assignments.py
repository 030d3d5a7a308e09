"""Parameters as people type them: KEY=VALUE."""

import shlex
from collections.abc import Iterable, Mapping

from tbgateway.domain.description import COMPARING, parse_value
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue


def parse_assignments(texts: Iterable[str]) -> Mapping[str, ParamValue]:
    """Return what `KEY=VALUE`s say; raise InvalidInputError if one is none, or says it again."""
    params: dict[str, ParamValue] = {}
    for key, value in map(parse_assignment, texts):
        if key in params:
            raise InvalidInputError(
                f"The parameter {key!r} is given twice.", hint="Give it once.", field="params"
            )
        params[key] = value
    return params


def parse_assignment(text: str) -> tuple[str, ParamValue]:
    """Return the key and the value of `KEY=VALUE`; raise InvalidInputError if it is none.

    The value is what it looks like: true or false, a whole number, a number, or else text.
    """
    key, equals, value = text.partition("=")
    if set(key) & set(COMPARING) or value.startswith("="):
        raise InvalidInputError(
            f"{text!r} is a condition, not KEY=VALUE.",
            hint="Write lr=0.001 to say what a parameter is. Conditions choose among experiments.",
            command=f"tbgateway experiment list --param {shlex.quote(text)}",
            field="params",
        )
    if not key.strip() or not equals:
        raise InvalidInputError(
            f"{text!r} is not KEY=VALUE.",
            hint="Write a parameter and what it is, such as lr=0.001 or model=resnet50.",
            field="params",
        )
    return key.strip(), parse_value(value.strip())
