"""Which numbers are times."""

import pytest

from tbgateway.domain.unix_time import LATEST, is_unix_time


@pytest.mark.parametrize("seconds", [0, 0.0, 1_763_900_000.5, LATEST])
def test_seconds_since_1970_are_times(seconds: float) -> None:
    assert is_unix_time(seconds)


@pytest.mark.parametrize("seconds", [-0.1, LATEST + 1, 1_763_900_000_000, float("inf"), 10**400])
def test_what_is_earlier_or_in_milliseconds_is_none(seconds: float) -> None:
    assert not is_unix_time(seconds)
    assert not is_unix_time(float("nan"))
