"""Parameters as text: a line `key = value` for each."""

import json
from collections.abc import Iterator, Mapping

from tbgateway.domain.description import MOST_PARAMS, check_params, parse_value, spoken
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue

_QUOTE = '"'
_HINT = "Write a line such as lr = 0.001 for each parameter, or nothing at all."
_SHOWN = 60  # characters of a line that are repeated


def params_text(params: Mapping[str, ParamValue]) -> str:
    """Return a line for each parameter."""
    return "\n".join(f"{key} = {_written(value)}" for key, value in params.items())


def read_params(text: str) -> Mapping[str, ParamValue]:
    """Return the parameters of such lines; raise InvalidInputError, which tells the line.

    What is no number, true or false is text; so is all in double quotes, written as in JSON.
    """
    params: dict[str, ParamValue] = {}
    for number, line in _lines(text):
        key, value = _read(number, line)
        if key in params:
            raise _wrong(number, f"the parameter {key!r} stands there twice.")
        params[key] = value
        if len(params) > MOST_PARAMS:
            break  # it is refused, however long the rest is
    return check_params(params)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not empty, each with its number."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.strip()


def _read(number: int, line: str) -> tuple[str, ParamValue]:
    key, _, written = (part.strip() for part in line.partition("="))
    if not key or not written or written.startswith("="):
        raise _wrong(number, f"{line[:_SHOWN]!r} is not key = value.")
    try:
        value = json.loads(written) if written.startswith(_QUOTE) else parse_value(written)
        return key, check_params({key: value})[key]
    except InvalidInputError as error:
        raise _wrong(number, error.detail, error.hint) from error
    except ValueError as error:
        raise _wrong(number, f"{written[:_SHOWN]!r} is no text in double quotes.") from error


def _written(value: ParamValue) -> str:
    if not isinstance(value, str):
        return spoken(value)
    stands = value and value == value.strip() and value[0] not in '="' and value.isprintable()
    if stands and parse_value(value) == value:
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _wrong(number: int, why: str, hint: str = _HINT) -> InvalidInputError:
    return InvalidInputError(f"Line {number}: {why}", hint=hint, field="params")
