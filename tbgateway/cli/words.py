"""Figures as people read them."""

from datetime import UTC, datetime

_STEPS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
_UNITS = ("B", "kB", "MB", "GB", "TB")
_THOUSAND = 1000


def ago(moment: datetime | None, *, now: datetime | None = None) -> str:
    """Say how long ago `moment` was, or "never"."""
    if moment is None:
        return "never"
    seconds = int(((now or datetime.now(UTC)) - moment).total_seconds())
    for length, unit in _STEPS:
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "now"


def lasting(seconds: float) -> str:
    """Say how long, in the largest unit that it is a whole number of."""
    for length, unit in _STEPS:
        count, rest = divmod(seconds, length)
        if count and not rest:
            return f"{count:.0f} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"


def size(count: int) -> str:
    """Say how many bytes, in decimal units."""
    figure = float(count)
    for unit in _UNITS:
        if figure < _THOUSAND or unit == _UNITS[-1]:
            return f"{figure:.0f} {unit}" if unit == "B" else f"{figure:.1f} {unit}"
        figure /= _THOUSAND
    raise AssertionError("the last unit takes all")
