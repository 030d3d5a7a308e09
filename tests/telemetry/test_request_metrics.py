import pytest
from prometheus_client import CollectorRegistry

from tbgateway.telemetry.request_metrics import RequestMetrics, surface_of


@pytest.mark.parametrize(
    ("pattern", "surface"),
    [
        ("/", "ui"),
        ("/ui/boards/{board}", "ui"),
        ("/ui/static/{file}", "assets"),
        ("/assets/{hash}/{file}", "assets"),
        ("/favicon.ico", "assets"),
        ("/boards/{board}/{rest*}", "board"),
        ("/boards", "board"),
        ("/api/v1/boards", "api"),
        ("/api/v1/events", "events"),
        ("/tensorboards/v1/{id}", "api"),
        ("/metrics", "probe"),
        ("/healthz", "probe"),
        ("", "none"),
    ],
)
def test_every_route_belongs_to_a_surface(pattern: str, surface: str) -> None:
    assert surface_of(pattern) == surface


def test_requests_are_counted_by_where_they_went_and_what_became_of_them() -> None:
    requests = RequestMetrics()
    registry = CollectorRegistry()
    registry.register(requests)
    for _ in range(3):
        requests.begin()
    requests.end("/api/v1/boards", 201, seconds=0.5, sent=100)
    requests.end("/api/v1/boards", 404, seconds=0.5, sent=20)
    sample = registry.get_sample_value
    assert sample("tbgateway_requests_total", {"surface": "api", "status": "2xx"}) == 1
    assert sample("tbgateway_requests_total", {"surface": "api", "status": "4xx"}) == 1
    assert sample("tbgateway_response_bytes_total", {"surface": "api"}) == 120
    assert sample("tbgateway_request_duration_seconds_sum", {"surface": "api"}) == 1.0
    assert sample("tbgateway_requests_in_flight") == 1


def test_how_long_somebody_listened_says_nothing_of_speed() -> None:
    requests = RequestMetrics()
    registry = CollectorRegistry()
    registry.register(requests)
    requests.begin()
    requests.end("/api/v1/events", 200, seconds=3600.0, sent=1)
    sample = registry.get_sample_value
    assert sample("tbgateway_requests_total", {"surface": "events", "status": "2xx"}) == 1
    assert sample("tbgateway_request_duration_seconds_sum", {"surface": "events"}) is None
