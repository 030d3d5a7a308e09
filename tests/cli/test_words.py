from datetime import UTC, datetime, timedelta

import pytest

from tbgateway.cli.words import ago, lasting, size

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "now"),
        (-5, "now"),
        (1, "1 second ago"),
        (119, "1 minute ago"),
        (7200, "2 hours ago"),
        (86_400 * 3, "3 days ago"),
    ],
)
def test_ages_are_told_in_the_largest_unit(seconds: float, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), now=NOW) == words


def test_what_never_happened_is_never() -> None:
    assert ago(None) == "never"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60, "1 minute"), (5400, "90 minutes"), (172_800, "2 days"), (61, "61 seconds")],
)
def test_durations_are_told_in_the_largest_unit_that_fits(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (45_300_000, "45.3 MB"), (10**16, "10000.0 TB")],
)
def test_sizes_are_decimal(count: int, words: str) -> None:
    assert size(count) == words
