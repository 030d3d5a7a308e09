"""What reading scalars comes to, for Prometheus. See docs/metrics.md."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tbgateway.scalars.scalars import Scalars


class ScalarMetrics(Collector):
    """Asks how reading goes."""

    def __init__(self, scalars: Scalars) -> None:
        self._scalars = scalars

    def collect(self) -> Iterator[Metric]:
        """Return all figures."""
        reader = self._scalars.reader
        yield GaugeMetricFamily(
            "tbgateway_scalar_reads_waiting",
            "Experiments whose scalars are to be read.",
            self._scalars.waiting,
        )
        yield CounterMetricFamily(
            "tbgateway_scalar_reads",
            "Turns of reading scalars, a twentieth of a second each at most.",
            reader.turns,
        )
        yield CounterMetricFamily(
            "tbgateway_scalar_readers_lost",
            "Processes that crashed or hung while they read scalars.",
            reader.losses,
        )
