"""The two times that it may be, by clocks that tests set."""

import pytest

from tbgateway.wall_time import DOUBT, WallTime

DAY = 86_400.0
NOON = 1_700_000_000.0


class Machine:
    """A machine's two clocks; `ahead` is by how much somebody set the one of them wrong."""

    def __init__(self) -> None:
        self.up = 1000.0
        self.ahead = 0.0
        self.time = WallTime(lambda: self.true + self.ahead, lambda: self.up)

    @property
    def true(self) -> float:
        return NOON + self.up

    def runs(self, seconds: float) -> None:
        """Let time pass, and be asked as a gateway is."""
        for _ in range(24):
            self.up += seconds / 24
            self.time.earliest()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_a_clock_that_nobody_sets_tells_one_time(machine: Machine) -> None:
    machine.runs(10 * DAY)
    assert machine.time.earliest() == machine.time.latest() == machine.true


def test_small_corrections_are_followed_at_once(machine: Machine) -> None:
    for ahead in (0.5, 3.0, 7.0, 2.5, -2.0):
        machine.ahead = ahead
        assert machine.time.earliest() == machine.time.latest() == machine.true + ahead


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_after_a_jump_both_times_are_possible(machine: Machine, jump: float) -> None:
    machine.ahead = jump
    machine.runs(DOUBT / 2)
    assert machine.time.earliest() == machine.true + min(jump, 0.0)
    assert machine.time.latest() == machine.true + max(jump, 0.0)


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_stays_where_it_was_set_is_believed(machine: Machine, jump: float) -> None:
    machine.ahead = jump
    machine.runs(DOUBT * 2)
    assert machine.time.earliest() == machine.time.latest() == machine.true + jump


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_comes_back_leaves_doubt_and_then_none(machine: Machine, jump: float) -> None:
    machine.ahead = jump
    machine.runs(60.0)
    machine.ahead = 0.0
    machine.runs(60.0)
    # Files that were written meanwhile bear the wrong time: they are not old.
    assert machine.time.earliest() == machine.true + min(jump, 0.0)
    assert machine.time.latest() == machine.true + max(jump, 0.0)
    machine.runs(DOUBT * 2)
    assert machine.time.earliest() == machine.time.latest() == machine.true
