import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from tbgateway.telemetry.instruments import Counts, Durations


class Shown(Collector):
    """One instrument, as Prometheus sees it."""

    def __init__(self, instrument: Counts | Durations) -> None:
        self.instrument = instrument
        self.registry = CollectorRegistry()
        self.registry.register(self)

    def collect(self) -> list[object]:
        return [self.instrument.family()]

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def test_counts_begin_at_zero_where_there_is_only_one() -> None:
    shown = Shown(Counts("starts", "…"))
    assert shown("starts_total") == 0
    shown.instrument.add()
    assert shown("starts_total") == 1


def test_each_combination_of_labels_has_its_own_count() -> None:
    counts = Counts("requests", "…", ("surface", "status"))
    counts.add("api", "2xx")
    counts.add("api", "5xx", amount=3)
    shown = Shown(counts)
    assert shown("requests_total", surface="api", status="2xx") == 1
    assert shown("requests_total", surface="api", status="5xx") == 3


def test_durations_are_counted_below_every_bound_that_they_do_not_exceed() -> None:
    durations = Durations("took_seconds", "…")
    for seconds in (0.0005, 0.25, 100.0):
        durations.of().add(seconds)
    shown = Shown(durations)
    assert shown("took_seconds_bucket", le="0.001") == 1
    assert shown("took_seconds_bucket", le="0.1") == 1
    assert shown("took_seconds_bucket", le="0.25") == 2
    assert shown("took_seconds_bucket", le="60.0") == 2
    assert shown("took_seconds_bucket", le="+Inf") == 3
    assert shown("took_seconds_count") == 3
    assert shown("took_seconds_sum") == 100.2505


def test_what_fails_took_its_time_as_well() -> None:
    durations = Durations("took_seconds", "…")
    with pytest.raises(ZeroDivisionError), durations.of().timed():
        _ = 1 / 0
    assert Shown(durations)("took_seconds_count") == 1


def test_labelled_durations_are_told_apart() -> None:
    durations = Durations("took_seconds", "…", ("surface",))
    durations.of("api").add(1.0)
    assert durations.of("api") is durations.of("api")
    shown = Shown(durations)
    assert shown("took_seconds_count", surface="api") == 1
    assert shown("took_seconds_count", surface="board") is None
