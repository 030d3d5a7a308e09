"""Times, sizes and measured values in a reader's words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isinf, isnan

from tbgateway.domain.memory import decimal

_JUST_NOW = 45.0  # seconds; below this a figure would be more precise than it is useful
_STEPS = (
    (60.0, "minute"),
    (3600.0, "hour"),
    (86_400.0, "day"),
    (30 * 86_400.0, "month"),
    (365 * 86_400.0, "year"),
)
_LATEST = 253_402_300_799.0  # the end of year 9999: a file's time may be any number
_PRECISELY = 9.95  # percent; below this one decimal is told
_WHOLE = 999.95  # what is rounded to more digits than four
_LARGE = 1e6
_SMALL = 1e-3


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time for a page: `relative` to be read, `exact` and `iso` to be precise (UTC)."""

    relative: str
    exact: str
    iso: str


def moment(then: float, now: float) -> Moment:
    """Return `then` as seen at `now` (both Unix seconds)."""
    point = datetime.fromtimestamp(min(max(then, 0.0), _LATEST), UTC)
    return Moment(
        relative=_relative(now - then),
        exact=f"{point:%Y-%m-%d %H:%M:%S} UTC",
        iso=f"{point:%Y-%m-%dT%H:%M:%SZ}",
    )


def _relative(seconds: float) -> str:
    distance = abs(seconds)
    if distance < _JUST_NOW:
        return "just now"
    length, unit = max(step for step in _STEPS if step[0] <= max(distance, _STEPS[0][0]))
    count = max(int(distance / length), 1)
    phrase = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{phrase} ago" if seconds > 0 else f"in {phrase}"


def duration(seconds: float) -> str:
    """Return a length of time in whole minutes, if it is some of these, or in seconds."""
    minutes, rest = divmod(seconds, 60.0)
    return f"{seconds:g} s" if rest or minutes < 1 else f"{minutes:g} min"


def size(number: int) -> str:
    """Return a number of bytes with three digits at most, such as `1.2 MB`."""
    return decimal(number)


def percent(cores: float) -> str:
    """Return a share of one processor core, such as `1.2 %` or `130 %`."""
    share = cores * 100
    return f"{share:.1f} %" if share < _PRECISELY else f"{share:,.0f} %"


def number(value: float) -> str:
    """Return a measured value with some three or four digits, such as `0.1235` or `1.23e-05`."""
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "∞" if value > 0 else "-∞"
    magnitude = abs(value)
    if not magnitude or _SMALL <= magnitude < _WHOLE:
        return f"{value or 0.0:.4g}"
    return f"{value:,.0f}" if _WHOLE <= magnitude < _LARGE else f"{value:.3g}"
