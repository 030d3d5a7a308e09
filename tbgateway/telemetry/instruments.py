"""What counts and measures, for less than a microsecond a time.

prometheus-client's own instruments lock, and look labels up, at every call. These belong to one
thread, that of the event loop, and are turned into its families only when somebody asks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from time import monotonic

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.utils import floatToGoString

QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds, for what people wait for."""


class Counts:
    """Numbers that only grow, one for each combination of the `labels`' values."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        self._name = name
        self._meaning = meaning
        self._labels = labels
        self._values: dict[tuple[str, ...], float] = {} if labels else {(): 0}

    def add(self, *values: str, amount: float = 1) -> None:
        """Count something more."""
        self._values[values] = self._values.get(values, 0) + amount

    def family(self) -> CounterMetricFamily:
        """Return the numbers as Prometheus has them."""
        family = CounterMetricFamily(self._name, self._meaning, labels=self._labels)
        for values, number in self._values.items():
            family.add_metric(values, number)
        return family


class Spread:
    """How often something took how many seconds: a histogram with these upper `bounds`."""

    def __init__(self, bounds: Sequence[float] = QUICK) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        """Count one more."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count how long the block takes, however it ends."""
        began = monotonic()
        try:
            yield
        finally:
            self.add(monotonic() - began)

    def add_to(self, family: HistogramMetricFamily, *values: str) -> None:
        """Put the figures into a family, under these values of its labels."""
        names = [*map(floatToGoString, self._bounds), "+Inf"]
        family.add_metric(
            values, list(zip(names, accumulate(self._counts), strict=True)), self._sum
        )


class Durations:
    """Histograms of one name, one for each combination of the `labels`' values."""

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        self._name = name
        self._meaning = meaning
        self._labels = labels
        self._of: dict[tuple[str, ...], Spread] = {}

    def of(self, *values: str) -> Spread:
        """Return the histogram of these values; keep it where every microsecond counts."""
        return self._of.setdefault(values, Spread())

    def family(self) -> HistogramMetricFamily:
        """Return the figures as Prometheus has them."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        for values, spread in self._of.items():
            spread.add_to(family, *values)
        return family
