"""Parameters as scripts have them, made into what parameters can be."""

import math
from collections.abc import Iterator, Mapping
from enum import Enum

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ParamValue

_DEEPEST = 10


def plain_params(params: Mapping[str, object]) -> dict[str, ParamValue]:
    """Return the parameters as plain values, such as `vars(arguments)` or a nested configuration.

    What is nested gets names such as `optimizer.lr`; scalars of numpy and torch become numbers;
    whatever else there is becomes its text. Raise InvalidInputError if it is no mapping.
    """
    if not isinstance(params, Mapping):
        raise InvalidInputError(
            "The parameters are no mapping.",
            hint="Give them as a dict, such as {'lr': 3e-4}, or vars(arguments).",
            field="params",
        )
    return dict(_flat(params, "", _DEEPEST))


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
    return str(value)


def _unwrapped(value: object) -> object:
    """Return what a scalar of numpy, torch or TensorFlow holds; anything else as it is."""
    if isinstance(value, bool | int | float | str) or getattr(value, "shape", None) != ():
        return value
    for way in ("item", "numpy"):
        take = getattr(value, way, None)
        if callable(take):
            try:
                return take()
            except Exception:  # noqa: BLE001 - a library's scalar that cannot be read stays as it is
                return value
    return value
