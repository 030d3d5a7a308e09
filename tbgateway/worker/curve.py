"""One scalar's values, boiled down while they are read: a few dozen points of any number."""

from array import array
from collections.abc import Iterator
from math import inf, isfinite, nan

_MOST_BUCKETS = 22
"""An even number. With two points of each, of the open one, the first and the last it makes 48."""
_MOST_OF_UNDRAWN = 8
"""What is not drawn needs no more than to drop about as much as a restart does again."""
_FIELDS = 5  # of a bucket: count, step and value of the lowest, step and value of the highest

Point = tuple[float, float]
_Bucket = tuple[float, float, float, float, float]


class Curve:
    """Takes values in the order of their steps; one that does not grow is a run's restart.

    As in TensorBoard's data server, a restart drops what came from its step on. Of each of a few
    buckets the lowest and the highest value stay, so that no outlier is lost. What is no finite
    number can be the last value, and is left out of everything else.
    """

    __slots__ = (
        "_closed",
        "_first",
        "_high",
        "_high_step",
        "_in_open",
        "_low",
        "_low_step",
        "_most",
        "_width",
        "count",
        "last",
        "last_step",
    )

    def __init__(self) -> None:
        self.count = 0
        """How many values there were, those that were dropped again left out."""
        self.last = nan
        self.last_step = 0
        self._first: Point | None = None
        self._closed = array("d")
        self._most = _MOST_BUCKETS
        self._width = 1
        self._in_open = 0
        self._low, self._low_step = inf, 0
        self._high, self._high_step = -inf, 0

    def add(self, step: int, value: float) -> None:
        """Take the next value."""
        if step <= self.last_step and self.count:
            self._go_back(step)
        self.count += 1
        self.last_step, self.last = step, value
        if not isfinite(value):
            return
        if self._first is None:
            self._first = (step, value)
        if self._in_open >= self._width:
            self._close_bucket()
        self._in_open += 1
        if value < self._low:
            self._low, self._low_step = value, step
        if value > self._high:
            self._high, self._high_step = value, step

    def coarsen(self) -> None:
        """Take half the memory from now on: it will not be drawn."""
        self._most = _MOST_OF_UNDRAWN
        if self._in_open:
            self._closed.extend(self._open())
            self._begin_bucket()
        while len(self._closed) >= self._most * _FIELDS:
            self._halve()

    @property
    def lowest(self) -> float:
        """The lowest value; NaN if there is none."""
        return min((low for _, _, low, _, _ in self._buckets()), default=nan)

    @property
    def highest(self) -> float:
        """The highest value; NaN if there is none."""
        return max((high for *_, high in self._buckets()), default=nan)

    def points(self) -> tuple[Point, ...]:
        """Return at most 48 steps and values, in order: the first, the last, and extremes."""
        found = dict.fromkeys(self._candidates())
        return tuple(sorted(found, key=lambda point: point[0]))

    def _candidates(self) -> Iterator[Point]:
        if self._first is not None:
            yield self._first
        for _, low_step, low, high_step, high in self._buckets():
            extremes = ((low_step, low), (high_step, high))
            yield from extremes if low_step <= high_step else reversed(extremes)
        if isfinite(self.last) and self.count:
            yield self.last_step, self.last

    def _buckets(self) -> Iterator[_Bucket]:
        closed = self._closed
        for at in range(0, len(closed), _FIELDS):
            count, low_step, low, high_step, high = closed[at : at + _FIELDS]
            yield count, low_step, low, high_step, high
        if self._in_open:
            yield self._open()

    def _open(self) -> _Bucket:
        return self._in_open, self._low_step, self._low, self._high_step, self._high

    def _begin_bucket(self) -> None:
        self._in_open = 0
        self._low, self._low_step = inf, 0
        self._high, self._high_step = -inf, 0

    def _close_bucket(self) -> None:
        self._closed.extend(self._open())
        self._begin_bucket()
        if len(self._closed) >= self._most * _FIELDS:
            self._halve()

    def _halve(self) -> None:
        buckets = list(self._buckets())
        self._closed = array("d")
        for one, other in zip(buckets[::2], buckets[1::2], strict=False):
            self._closed.extend(_merged(one, other))
        if len(buckets) % 2:
            self._closed.extend(buckets[-1])
        self._width *= 2

    def _go_back(self, step: int) -> None:
        kept = [left for bucket in self._buckets() for left in _before(bucket, step)]
        self._closed = array("d", [field for bucket in kept for field in bucket])
        self._begin_bucket()
        self.count = int(sum(count for count, *_ in kept))
        if self._first is not None and self._first[0] >= step:
            self._first = None
        if len(kept) >= self._most:
            self._halve()


def _merged(one: _Bucket, other: _Bucket) -> _Bucket:
    low = one if one[2] <= other[2] else other
    high = one if one[4] >= other[4] else other
    return one[0] + other[0], low[1], low[2], high[3], high[4]


def _before(bucket: _Bucket, step: int) -> Iterator[_Bucket]:
    """Yield what is left of a bucket without `step` and what comes after; it may be nothing."""
    count, low_step, low, high_step, high = bucket
    if low_step < step and high_step < step:
        yield bucket
    elif low_step < step:
        yield count, low_step, low, low_step, low
    elif high_step < step:
        yield count, high_step, high, high_step, high
