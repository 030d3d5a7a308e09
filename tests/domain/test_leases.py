import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.leases import LONGEST, LOOK_EVERY, SHORTEST, Leases, check_lease
from tbgateway.domain.names import ExperimentId

ONE, OTHER = ExperimentId("ex0000000001"), ExperimentId("ex0000000002")


def pass_time(
    leases: Leases, begin: float, seconds: float
) -> tuple[float, tuple[ExperimentId, ...]]:
    """Look as often as one should; return the time, and who is lost in the end."""
    now = begin
    lost: tuple[ExperimentId, ...] = ()
    while now < begin + seconds:
        now += LOOK_EVERY
        lost = leases.look(now)
    return now, lost


@pytest.mark.parametrize("lease", [SHORTEST, 60, LONGEST])
def test_a_lease_is_seconds(lease: float) -> None:
    assert check_lease(lease) == lease


@pytest.mark.parametrize("lease", [0, -60, 9.9, 86_401, float("nan"), float("inf")])
def test_an_odd_lease_is_refused_with_what_is_allowed(lease: float) -> None:
    with pytest.raises(InvalidInputError, match="is not possible") as refused:
        check_lease(lease)
    assert "10 to 86400 seconds" in refused.value.hint
    assert refused.value.field == "lease"


def test_who_is_silent_for_longer_than_allowed_is_lost_until_heard_again() -> None:
    leases = Leases(100.0)
    leases.hear(ONE, 10.0)
    leases.hear(OTHER, 60.0)
    now, lost = pass_time(leases, 100.0, 12.0)
    assert lost == ()
    assert leases.silent_for(ONE) == 10.0, "it was heard before the first look"
    now, lost = pass_time(leases, now, LOOK_EVERY)
    assert lost == (ONE,)
    assert leases.is_lost(ONE)
    leases.hear(ONE, 10.0)
    assert not leases.is_lost(ONE)
    assert leases.look(now + LOOK_EVERY) == ()


def test_who_is_forgotten_is_never_lost() -> None:
    leases = Leases(0.0)
    leases.hear(ONE, 10.0)
    leases.forget(ONE)
    leases.forget(OTHER)
    assert pass_time(leases, 0.0, 1000.0)[1] == ()
    assert leases.silent_for(ONE) is None
    assert not leases.is_lost(OTHER)


@pytest.mark.parametrize("gap", [30.0, 3600.0, 1e9])
def test_who_was_stuck_or_slept_lets_everybody_begin_anew(gap: float) -> None:
    leases = Leases(0.0)
    leases.hear(ONE, 10.0)
    now, _ = pass_time(leases, 0.0, 8.0)
    assert leases.look(now + gap) == ()
    now, lost = pass_time(leases, now + gap, 10.0)
    assert lost == (), "its whole lease counts from then"
    assert pass_time(leases, now, 2 * LOOK_EVERY)[1] == (ONE,)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["look", "look", "look", "beat"]), st.floats(0.0, 1.6 * LOOK_EVERY)),
    min_size=20,
    max_size=80,
)


@given(_STEPS, st.floats(SHORTEST, 15.0))
def test_who_was_heard_within_the_lease_is_never_lost(
    steps: list[tuple[str, float]], lease: float
) -> None:
    leases = Leases(0.0)
    leases.hear(ONE, lease)
    now = heard = 0.0
    for what, seconds in steps:
        now += seconds
        if what == "beat":
            leases.hear(ONE, lease)
            heard = now
        elif ONE in leases.look(now):
            assert now - heard > lease


@pytest.mark.parametrize("gap", [LOOK_EVERY, 2.9 * LOOK_EVERY])
def test_who_was_heard_right_before_a_look_has_the_whole_lease_from_then(gap: float) -> None:
    leases = Leases(0.0)
    leases.look(0.0)
    leases.hear(ONE, 10.0)  # at the end of the gap
    now, lost = pass_time(leases, gap, 8.0) if leases.look(gap) == () else (0.0, (ONE,))
    assert (now, lost) == (gap + 8.0, ())
    assert leases.look(now + 1.9) == ()
    assert leases.look(now + 2.1) == (ONE,)


@given(st.floats(SHORTEST, 100.0), st.floats(0.1, 3 * LOOK_EVERY))
def test_who_is_silent_is_noticed_by_anybody_who_looks_often(lease: float, step: float) -> None:
    leases = Leases(0.0)
    leases.hear(ONE, lease)
    now = 0.0
    while ONE not in leases.look(now):
        now += step
    assert lease < now <= lease + 2 * step


def test_its_repr_tells_how_many_are_expected() -> None:
    leases = Leases(0.0)
    leases.hear(ONE, 10.0)
    assert repr(leases) == "<Leases of 1>"
