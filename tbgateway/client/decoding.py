"""JSON to frozen dataclasses and back, by their type hints; unknown fields are ignored."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from tbgateway.domain.errors import UnreachableError

T = TypeVar("T")
Json = Mapping[str, object]


def decode(shape: type[T], value: object) -> T:
    """Return `value` as a `shape`; raise UnreachableError if it is nothing of the kind."""
    try:
        return typing.cast("T", _decode(shape, value))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreachableError(
            f"The answer is no {shape.__name__.lower()} that this client understands.",
            hint="Is it a tbgateway that answers there? Compare its version with this client's:"
            " tbgateway version",
        ) from error


def encode(value: object) -> object:
    """Return a result as plain JSON values; times as ISO 8601 UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if dataclasses.is_dataclass(value):
        names = (each.name for each in dataclasses.fields(value))
        return {name: encode(getattr(value, name)) for name in names}
    if isinstance(value, tuple | list):
        return [encode(each) for each in value]
    if isinstance(value, Mapping):
        return {name: encode(each) for name, each in value.items()}
    return value


@cache
def _hints(shape: type) -> Mapping[str, object]:
    return typing.get_type_hints(shape)


def _decode(hint: object, value: object) -> object:
    kind, inner = typing.get_origin(hint), typing.get_args(hint)
    if kind is types.UnionType:
        return _one_of(inner, value)
    if kind is tuple:
        return tuple(_decode(inner[0], each) for each in _list(value))
    if kind is Mapping:
        return {name: _decode(inner[1], each) for name, each in _object(value).items()}
    if isinstance(hint, type):
        return _plain(hint, value)
    raise TypeError(f"{value!r} is no {hint}")


def _plain(kind: type, value: object) -> object:
    if dataclasses.is_dataclass(kind):
        return _record(kind, value)
    if kind is datetime:
        return datetime.fromisoformat(str(value))
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(value, kind):
        return value
    raise TypeError(f"{value!r} is no {kind}")


def _one_of(kinds: tuple[object, ...], value: object) -> object:
    """Return `value` as the kind that it is, or else as the first that is no None."""
    if type(value) in kinds:
        return value
    return _decode(next(each for each in kinds if each is not types.NoneType), value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list")
    return value


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value


def _record(shape: type, value: object) -> object:
    given, hints = _object(value), _hints(shape)
    return shape(**{name: _decode(hints[name], given[name]) for name in hints if name in given})
