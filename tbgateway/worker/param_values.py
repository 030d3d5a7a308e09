"""Values of parameters as the HParams dashboard holds them: `google.protobuf.Value`.

A parameter whose values are of more than one kind is text everywhere: the dashboard's filters
compare text with text, and hide what does not compare.
"""

import json
import math
from collections.abc import Iterable
from typing import Any

from tbgateway.worker.descriptions_file import Plain

_EXACT = 2.0**53  # a float tells whole numbers apart up to here
_KINDS = {"bool_value", "number_value", "string_value"}


def to_plain(value: Any) -> Plain | None:  # noqa: ANN401 - protocol buffers have no types
    """Return what `value` holds; None for what the dashboard does not show."""
    kind = value.WhichOneof("kind")
    if kind not in _KINDS:
        return None
    plain: Plain = getattr(value, kind)
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain


def put(value: Any, plain: Plain) -> None:  # noqa: ANN401 - as above
    """Let `value` hold this."""
    match plain:
        case bool():
            value.bool_value = plain
        case str():
            value.string_value = plain
        case _:
            value.number_value = plain


def as_text(plain: Plain) -> str:
    """Return the value as text, whole numbers without a point."""
    if isinstance(plain, float) and plain.is_integer() and abs(plain) <= _EXACT:
        return str(int(plain))
    return plain if isinstance(plain, str) else json.dumps(plain)


def is_mixed(plains: Iterable[Plain]) -> bool:
    """Whether there is more than one kind among the values."""
    return len(set(map(type, plains))) > 1
