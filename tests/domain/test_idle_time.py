import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.idle_time import MOST, check_idle_timeout


@pytest.mark.parametrize("seconds", [0.0, 60.0, 900.0, MOST])
def test_a_board_sleeps_never_or_between_a_minute_and_a_year(seconds: float) -> None:
    assert check_idle_timeout(seconds) == seconds


@pytest.mark.parametrize("seconds", [-1.0, 0.1, 59.9, MOST + 1, float("inf"), float("nan")])
def test_anything_else_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidInputError, match="cannot be set to sleep") as refused:
        check_idle_timeout(seconds)
    assert refused.value.field == "idle_timeout"
