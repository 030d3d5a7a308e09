"""A figure's course over the last hour as a line, with a gap where there was none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

SPAN = 3600.0
"""Seconds that a chart shows."""
_GAP = 40.0  # seconds without a figure after which the line begins anew
_WIDTH = 280  # CSS pixels; fits a card on a narrow phone
_HEIGHT = 56
_MARGIN = 2.0  # half of the line's width would be cut off at the edges

Points = Sequence[tuple[float, float]]
"""Unix seconds and the figure then, the oldest first."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part without a gap: the points of an SVG polyline, and of the polygon below it."""

    line: str
    area: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template needs to draw one; `label` says it in words.

    `x` and `y` are where it ends. `now` is None where there is no figure now.
    """

    stretches: tuple[Stretch, ...]
    x: str
    y: str
    width: int
    height: int
    name: str
    label: str
    now: str | None
    peak: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is drawn: its name, how a figure is said, and the least that fills the height."""

    name: str
    said: Callable[[float], str]
    least: float


def chart(points: Points, now: float, measure: Measure) -> Chart:
    """Return how to draw what was measured until `now`; there is at least one point."""
    top = max(value for _, value in points)
    when, newest = points[-1]
    said = measure.said(newest) if now - when <= _GAP else None
    peak = measure.said(top)
    state = f"now {said}" if said else "now asleep"
    scale = _Scale(now - SPAN, max(top, measure.least))
    x, y = scale.place(points[-1])
    return Chart(
        stretches=tuple(map(scale.stretch, _unbroken(points))),
        x=x,
        y=y,
        width=_WIDTH,
        height=_HEIGHT,
        name=measure.name,
        label=f"{measure.name} over the last hour: {state}, peak {peak}",
        now=said,
        peak=peak,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a point is drawn: `first` is at the left edge, `top` at the upper one, 0 below."""

    first: float
    top: float

    def stretch(self, points: Points) -> Stretch:
        places = list(map(self.place, points))
        (first, _), (last, _) = places[0], places[-1]
        # A point alone would not be drawn; twice, it is a dot.
        line = " ".join(f"{x},{y}" for x, y in (places if len(places) > 1 else places * 2))
        return Stretch(line, f"{first},{_HEIGHT} {line} {last},{_HEIGHT}")

    def place(self, point: tuple[float, float]) -> tuple[str, str]:
        when, value = point
        share = min(max((when - self.first) / SPAN, 0.0), 1.0)
        x = _MARGIN + (_WIDTH - 2 * _MARGIN) * share
        y = _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * value / self.top
        return f"{x:.1f}", f"{y:.1f}"


def _unbroken(points: Points) -> Iterator[Points]:
    """Yield the parts between the gaps."""
    begin = 0
    for index in range(1, len(points)):
        if points[index][0] - points[index - 1][0] > _GAP:
            yield points[begin:index]
            begin = index
    yield points[begin:]
