"""Since when, as it is written on a command line."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from tbgateway.domain.errors import InvalidInputError

_LENGTH = re.compile(r"([0-9]{1,9}) ?(s|min|m|h|d|w)")
_UNITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "s": timedelta(seconds=1),
        "min": timedelta(minutes=1),
        "m": timedelta(minutes=1),
        "h": timedelta(hours=1),
        "d": timedelta(days=1),
        "w": timedelta(weeks=1),
    }
)


def parse_since(text: str, *, now: datetime | None = None) -> datetime:
    """Return the time that `text` means: a length of time ago, or an ISO 8601 date or time.

    Without an offset it is local time. Raise InvalidInputError if it is neither.
    """
    try:
        length = _LENGTH.fullmatch(text.strip())
        if length is not None:
            return (now or datetime.now(UTC)) - int(length[1]) * _UNITS[length[2]]
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"Invalid value {text!r} for --since: it is neither a length of time nor a date.",
            hint="Write 30min, 12h, 7d or 2w, a date such as 2026-11-23, or a date and time such"
            " as 2026-11-23T08:00.",
            field="since",
        ) from error
