"""Requests, counted when they end, by where they went and what became of them."""

from collections.abc import Iterable
from functools import cache

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tbgateway.telemetry.instruments import Counts, Durations

_SURFACES = {
    "/api/v1/events": "events",
    "/api/": "api",
    "/tensorboards/": "api",
    "/boards": "board",
    "/assets/": "assets",
    "/ui/static/": "assets",
    "/favicon": "assets",
    "/metrics": "probe",
    "/healthz": "probe",
    "/readyz": "probe",
}
"""Where routes belong, by how their patterns begin; the first that fits. All others are pages."""


@cache
def surface_of(pattern: str) -> str:
    """Return which part of the product a route's pattern is of; "none" if there was no route."""
    if not pattern:
        return "none"
    fitting = (name for beginning, name in _SURFACES.items() if pattern.startswith(beginning))
    return next(fitting, "ui")


class RequestMetrics(Collector):
    """What requests there were, and how many are being answered."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._ended = Counts(
            "tbgateway_requests", "Requests that were answered.", ("surface", "status")
        )
        self._sent = Counts(
            "tbgateway_response_bytes", "Bytes that were sent in answers.", ("surface",)
        )
        self._durations = Durations(
            "tbgateway_request_duration_seconds",
            "From a request's headers to its answer's end; not those of event streams.",
            ("surface",),
        )

    def begin(self) -> None:
        """Count a request as being answered, until its `end`."""
        self.in_flight += 1

    def end(self, pattern: str, status: int, *, seconds: float, sent: int) -> None:
        """Count a request to the route of this `pattern`, with so many bytes `sent`."""
        self.in_flight -= 1
        surface = surface_of(pattern)
        self._ended.add(surface, f"{status // 100}xx")
        self._sent.add(surface, amount=sent)
        if surface != "events":
            self._durations.of(surface).add(seconds)

    def collect(self) -> Iterable[Metric]:
        """Return all figures."""
        yield self._ended.family()
        yield self._sent.family()
        yield self._durations.family()
        yield GaugeMetricFamily(
            "tbgateway_requests_in_flight",
            "Requests that are being answered, event streams among them.",
            self.in_flight,
        )
