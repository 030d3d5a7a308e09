import math
from collections.abc import Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tbgateway.worker.curve import Curve

NOT_FINITE = (math.nan, math.inf, -math.inf)


def curve_of(values: Iterable[float], first_step: int = 0) -> Curve:
    curve = Curve()
    for step, value in enumerate(values, first_step):
        curve.add(step, value)
    return curve


def test_a_few_values_stay_as_they_are() -> None:
    curve = curve_of([3.0, 1.0, 2.0])
    assert curve.points() == ((0, 3.0), (1, 1.0), (2, 2.0))
    assert (curve.last, curve.last_step, curve.count) == (2.0, 2, 3)
    assert (curve.lowest, curve.highest) == (1.0, 3.0)


def test_nothing_is_known_of_an_empty_curve() -> None:
    curve = Curve()
    assert curve.points() == ()
    assert math.isnan(curve.lowest)
    assert math.isnan(curve.highest)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=3000))
def test_of_any_number_of_values_few_points_stay_and_every_extreme(values: list[float]) -> None:
    curve = curve_of(values)
    points = curve.points()
    assert len(points) <= 48
    assert points[0] == (0, values[0])
    assert points[-1] == (len(values) - 1, values[-1])
    assert [step for step, _ in points] == sorted({step for step, _ in points})
    assert all(values[int(step)] == value for step, value in points)
    assert (curve.lowest, curve.highest) == (min(values), max(values))
    assert curve.count == len(values)


def test_a_single_outlier_among_a_hundred_thousand_is_seen() -> None:
    curve = curve_of(1000.0 if step == 70_001 else 0.0 for step in range(100_000))
    assert (70_001, 1000.0) in curve.points()


@pytest.mark.parametrize("odd", NOT_FINITE)
def test_what_is_no_finite_number_is_the_last_value_and_nothing_else(odd: float) -> None:
    curve = curve_of([2.0, odd, 1.0, odd])
    assert repr(curve.last) == repr(odd)
    assert (curve.lowest, curve.highest, curve.last_step) == (1.0, 2.0, 3)
    assert curve.points() == ((0, 2.0), (2, 1.0))


def test_a_curve_of_nothing_but_nan_has_no_points() -> None:
    curve = curve_of([math.nan] * 100)
    assert curve.points() == ()
    assert math.isnan(curve.lowest)
    assert curve.count == 100


@example([float(value) for value in range(9)], 300)
@given(st.lists(st.floats(-1e9, 1e9), max_size=300), st.integers(0, 300))
def test_what_is_not_drawn_is_coarse_and_as_right(values: list[float], before: int) -> None:
    curve = Curve()
    for step, value in enumerate(values):
        if step == before:
            curve.coarsen()
        curve.add(step, value)
    curve.coarsen()
    if values:
        assert (curve.lowest, curve.highest) == (min(values), max(values))
    assert curve.count == len(values)
    assert len(curve.points()) <= 20
    curve.add(len(values) // 2, 0.0)
    assert curve.count <= len(values) + 1
    assert len(curve.points()) <= 20


def test_a_restart_drops_what_came_from_its_step_on() -> None:
    curve = curve_of([9.0, 8.0, 7.0, -5.0, 50.0])
    curve.add(3, 6.0)
    assert curve.points() == ((0, 9.0), (1, 8.0), (2, 7.0), (3, 6.0))
    assert (curve.lowest, curve.highest, curve.last, curve.count) == (6.0, 9.0, 6.0, 4)


def test_of_several_values_at_the_same_step_the_last_one_counts() -> None:
    curve = Curve()
    for value in (3.0, 1.0, 2.0):
        curve.add(5, value)
    assert curve.points() == ((5, 2.0),)
    assert (curve.count, curve.lowest, curve.highest) == (1, 2.0, 2.0)


def test_a_restart_from_the_beginning_leaves_nothing() -> None:
    curve = curve_of(range(1000))
    curve.add(0, 7.0)
    assert curve.points() == ((0, 7.0),)
    assert (curve.lowest, curve.highest, curve.count) == (7.0, 7.0, 1)


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.one_of(st.floats(), st.sampled_from(NOT_FINITE))),
        max_size=600,
    )
)
def test_steps_may_go_back_and_forth_as_they_like(added: list[tuple[int, float]]) -> None:
    curve = Curve()
    for step, value in added:
        curve.add(step, value)
    points = curve.points()
    assert len(points) <= 48
    assert [step for step, _ in points] == sorted({step for step, _ in points})
    assert set(points) <= {(step, value) for step, value in added if math.isfinite(value)}
    if added:
        step, value = added[-1]
        assert (curve.last_step, repr(curve.last)) == (step, repr(value))
        assert all(point[0] <= step for point in points)
        assert 1 <= curve.count <= len(added)
