"""A scalar's course as a line no larger than a word, with the two numbers that matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tbgateway.domain.series import Series, best
from tbgateway.rendering.figures import number

_WIDTH = 120  # CSS pixels
_HEIGHT = 28
_MOST_KEPT = 500  # most of them are the same when a page is asked for again
_MARGIN = 2.0  # half of the line's width would be cut off at the edges


@dataclass(frozen=True, slots=True)
class Sparkline:
    """What a template needs to draw one; `label` says it in words.

    `points` are those of an SVG polyline. They are empty where there is no finite value to draw.
    """

    points: str
    width: int
    height: int
    label: str
    name: str
    run: str
    last: str
    best: str


@lru_cache(maxsize=_MOST_KEPT)
def sparkline(series: Series) -> Sparkline:
    """Return how to draw a series; it takes the same room whatever it holds."""
    last, top = number(series.last), number(best(series))
    values = f"{series.count:,} value{'' if series.count == 1 else 's'}"
    return Sparkline(
        points=_polyline(series.points),
        width=_WIDTH,
        height=_HEIGHT,
        label=f"{series.tag}: last {last}, best {top} over {values}",
        name=series.tag,
        run=series.run,
        last=last,
        best=top,
    )


def _polyline(points: Sequence[tuple[float, float]]) -> str:
    across = _placed([step for step, _ in points], _WIDTH)
    up = _placed([value for _, value in points], _HEIGHT)
    drawn = [f"{x:.1f},{_HEIGHT - y:.1f}" for x, y in zip(across, up, strict=True)]
    if len(drawn) == 1:  # a single point would not be seen
        y = _HEIGHT / 2
        return f"{_MARGIN:.1f},{y:.1f} {_WIDTH - _MARGIN:.1f},{y:.1f}"
    return " ".join(drawn)


def _placed(values: Sequence[float], size: int) -> list[float]:
    """Spread values over a length; where they are all the same they lie in the middle."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    room = size - 2 * _MARGIN
    span = high / 2 - low / 2  # the difference itself may be more than a float holds
    if span == 0:
        return [size / 2] * len(values)
    return [_MARGIN + room * ((value / 2 - low / 2) / span) for value in values]
