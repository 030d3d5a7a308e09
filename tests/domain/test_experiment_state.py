from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.experiment_state import GONE, MISSING, Measurement, judge
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import ExperimentId

IDLE = 900.0
NOW = 1_000_000.0


def experiment(state: ExperimentState = ExperimentState.RUNNING, **more: object) -> Experiment:
    plain = Experiment(
        id=ExperimentId("ex0123456789"),
        root="runs",
        name="resnet",
        path="/runs/resnet",
        state=state,
        created_at=0.0,
    )
    return replace(plain, **more)  # type: ignore[arg-type] # the tests give what fields take


def after(before: Experiment, seen: Measurement, now: float = NOW) -> Experiment:
    return judge(before, seen, now, complete_after_idle=IDLE)


def seen(size: int, idle: float) -> Measurement:
    return Measurement(bytes=size, last_event_at=NOW - idle)


def test_a_running_experiment_takes_over_what_was_measured() -> None:
    result = after(experiment(), seen(10, idle=5.0))
    assert (result.state, result.bytes, result.last_event_at) == ("running", 10, NOW - 5.0)


def test_silence_completes_an_experiment() -> None:
    assert after(experiment(), seen(10, idle=IDLE - 1)).state is ExperimentState.RUNNING
    result = after(experiment(), seen(10, idle=IDLE))
    assert result.state is ExperimentState.COMPLETED
    assert result.reason == "no new event for 15 min"
    assert result.complete_bytes == 10


def test_silence_does_not_complete_what_somebody_holds() -> None:
    assert after(experiment(held=True), seen(10, 10 * IDLE)).state is ExperimentState.RUNNING


def test_an_experiment_without_any_event_is_not_silent() -> None:
    nothing = Measurement(bytes=0, last_event_at=None)
    assert after(experiment(), nothing).state is ExperimentState.RUNNING


def test_growth_brings_a_completed_experiment_back() -> None:
    done = after(experiment(), seen(10, idle=IDLE))
    assert after(done, seen(10, idle=IDLE)) is done
    again = after(done, seen(11, idle=0.0))
    assert again.state is ExperimentState.RUNNING
    assert again.complete_bytes == 0
    assert again.reason == "new events after it was completed"


def test_what_a_person_said_stays() -> None:
    before = experiment(ExperimentState.FAILED, reason="out of memory", bytes=10)
    result = after(before, seen(20, idle=0.0))
    assert (result.state, result.reason, result.bytes) == ("failed", "out of memory", 20)
    assert after(before, seen(20, idle=IDLE)).state is ExperimentState.FAILED


NOTHING = Measurement(bytes=0, last_event_at=None)


@pytest.mark.parametrize("nothing", [MISSING, NOTHING])
def test_what_lost_its_event_files_is_stopped_after_a_while_and_comes_back_with_them(
    nothing: Measurement,
) -> None:
    before = experiment(bytes=10, last_event_at=NOW)
    at_first = after(before, nothing, NOW + IDLE - 1)
    assert (at_first.state, at_first.last_event_at) == ("running", NOW)
    stopped = after(at_first, nothing, NOW + IDLE)
    assert (stopped.state, stopped.reason) == ("stopped", GONE)
    assert stopped.problem == (nothing.problem or GONE)
    assert after(stopped, nothing, NOW + 2 * IDLE) is stopped
    back = after(stopped, seen(10, idle=0.0), NOW + 1)
    assert (back.state, back.reason, back.problem) == ("running", "its event files are back", None)
    assert after(stopped, seen(0, idle=0.0), NOW + 1).state is ExperimentState.RUNNING
    assert after(stopped, seen(10, idle=IDLE)).state is ExperimentState.COMPLETED


@pytest.mark.parametrize("nothing", [MISSING, NOTHING])
def test_what_somebody_holds_may_lose_its_event_files(nothing: Measurement) -> None:
    held = experiment(held=True, last_event_at=NOW - IDLE)
    assert after(held, nothing).state is ExperimentState.RUNNING


def test_what_cannot_be_looked_at_is_not_said_to_be_gone() -> None:
    unmounted = Measurement(bytes=0, last_event_at=None, problem="its logdir root is not there")
    before = experiment(last_event_at=NOW - IDLE)
    assert after(before, unmounted) == replace(before, problem=unmounted.problem)


@pytest.mark.parametrize("state", [ExperimentState.COMPLETED, ExperimentState.FAILED])
def test_a_missing_directory_of_one_that_is_over_changes_nothing_but_the_problem(
    state: ExperimentState,
) -> None:
    before = experiment(state, bytes=10, complete_bytes=10, last_event_at=NOW - 5.0)
    result = after(before, MISSING, now=NOW + 10 * IDLE)
    assert result == replace(before, problem="its directory is missing")
    assert after(result, MISSING) is result
    assert after(result, seen(10, 5.0)) == before


def test_a_problem_beside_events_does_not_stop_the_clock() -> None:
    trouble = Measurement(bytes=10, last_event_at=NOW - IDLE, problem="a link leaves its root")
    result = after(experiment(), trouble)
    assert (result.state, result.problem) == ("completed", "a link leaves its root")


_EXPERIMENTS = st.builds(
    experiment,
    st.sampled_from(ExperimentState),
    held=st.booleans(),
    bytes=st.integers(0, 5),
    complete_bytes=st.integers(0, 5),
    last_event_at=st.none() | st.sampled_from([NOW, NOW - IDLE]),
    problem=st.none() | st.just("trouble"),
)
_MEASUREMENTS = st.builds(
    Measurement,
    bytes=st.integers(0, 5),
    last_event_at=st.none() | st.sampled_from([NOW, NOW - IDLE]),
    problem=st.none() | st.just("trouble"),
)


@given(_EXPERIMENTS, _MEASUREMENTS)
def test_judging_touches_only_what_a_scan_may_say(before: Experiment, what: Measurement) -> None:
    result = after(before, what)
    scanned = {
        "state": before.state,
        "reason": before.reason,
        "bytes": before.bytes,
        "complete_bytes": before.complete_bytes,
        "last_event_at": before.last_event_at,
        "problem": before.problem,
    }
    assert replace(result, **scanned) == before
    assert (result is before) == (result == before)


@given(_EXPERIMENTS, _MEASUREMENTS)
def test_the_same_scan_again_settles_after_one_more_look(
    before: Experiment, what: Measurement
) -> None:
    second = after(after(before, what), what)
    assert after(second, what) is second
