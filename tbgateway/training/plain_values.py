"""Parameters as scripts have them, made into what parameters can be."""

import math
import re
import struct
from collections.abc import Iterator, Mapping
from enum import Enum

from tbgateway.domain.description import LONGEST_VALUE
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue

_DEEPEST = 10
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def plain_params(params: Mapping[str, object]) -> dict[str, ParamValue]:
    """Return the parameters as plain values, such as `vars(arguments)` or a nested configuration.

    What is nested gets names such as `optimizer.lr`; scalars of numpy and torch become numbers;
    whatever else there is becomes its text, as much of it as fits. Raise InvalidInputError if it is
    no mapping, or cannot be read.
    """
    if not isinstance(params, Mapping):
        raise _refused("The parameters are no mapping.")
    try:
        return dict(_flat(params, "", _DEEPEST))
    except Exception as error:
        raise _refused(f"The parameters cannot be read: {type(error).__name__}.") from error


def _refused(detail: str) -> InvalidInputError:
    return InvalidInputError(
        detail,
        hint="Give them as a dict, such as {'lr': 3e-4}, or vars(arguments); each value is a number"
        " or has a text.",
        field="params",
    )


def _flat(
    params: Mapping[str, object], before: str, deepest: int
) -> Iterator[tuple[str, ParamValue]]:
    for key, value in params.items():
        if isinstance(value, Mapping) and value and deepest:
            yield from _flat(value, f"{before}{key}.", deepest - 1)
        else:
            yield f"{before}{key}", _plain(value)


def _plain(value: object) -> ParamValue:
    if isinstance(value, Enum):
        return str(value.name)
    value = _unwrapped(value)
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _text(value)


def _text(value: object) -> str:
    """Return what a parameter can hold of the text of something else."""
    text = _NO_TEXT.sub("\ufffd", str(value))
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _unwrapped(value: object) -> object:
    """Return what a scalar of numpy, torch or TensorFlow holds; anything else as it is."""
    if isinstance(value, bool | int | float | str) or getattr(value, "shape", None) != ():
        return value
    for way in ("item", "numpy"):
        take = getattr(value, way, None)
        if callable(take):
            try:
                return _as_printed(take(), str(getattr(value, "dtype", "")))
            except Exception:  # noqa: BLE001 - a library's scalar that cannot be read stays as it is
                return value
    return value


def _as_printed(number: object, kind: str) -> object:
    """Return the shortest number that is this one in 32 bits: 0.05, not 0.05000000074505806."""
    if not isinstance(number, float) or "float32" not in kind or not math.isfinite(number):
        return number
    candidates = (float(f"{number:.{digits}g}") for digits in range(6, 10))
    return next((one for one in candidates if _in_32_bits(one) == number), number)


def _in_32_bits(number: float) -> float:
    (rounded,) = struct.unpack("f", struct.pack("f", number))
    return float(rounded)
