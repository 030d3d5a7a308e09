from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.experiment_state import (
    GONE,
    HEARTBEAT_LOST,
    MISSING,
    SETTLING,
    End,
    Measurement,
    begun,
    ended,
    heard,
    is_leased,
    is_lost,
    judge,
    knows,
    lost,
)
from tbgateway.domain.experiment_state import held as hold
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


# --- by its script, and by people

COMPLETED, FAILED, STOPPED = list(ExperimentState)[1:]
_REVIVED = "new events after it was"


def by_script(state: ExperimentState, ended_at: float = NOW) -> End:
    return End(state, "by its script", ended_at, by_script=True)


def test_what_begins_is_held_by_its_lease_and_knows_the_end_of_its_last_life() -> None:
    before = experiment(
        FAILED, reason="NaN", complete_bytes=10, bytes=10, ended_at=5.0, end_heard_at=5.0
    )
    again = begun(before, 60.0)
    expected = experiment(held=True, lease=60.0, bytes=10, ended_at=5.0)
    assert again == expected
    assert after(again, seen(10, idle=10 * IDLE)).state is ExperimentState.RUNNING
    assert is_leased(again)
    assert ended(again, by_script(FAILED, 5.0), NOW) is again, "it was told once more"
    assert ended(again, by_script(FAILED, 6.0), NOW).state is FAILED


@pytest.mark.parametrize("state", [COMPLETED, FAILED, STOPPED])
def test_an_end_lets_go_of_the_lease_and_is_known_from_then_on(state: ExperimentState) -> None:
    running = begun(experiment(bytes=10), 60.0)
    end = by_script(state, 5.0)
    over = ended(running, end, NOW)
    assert (over.state, over.reason, over.held, over.lease) == (state, "by its script", False, None)
    assert (over.ended_at, over.end_heard_at, over.complete_bytes) == (5.0, NOW, 10)
    assert ended(over, end, NOW + 1) is over
    assert knows(over, end)
    assert not knows(over, End(state, "by ada"))


@pytest.mark.parametrize("state", [COMPLETED, STOPPED])
def test_what_a_scripts_writers_still_flush_belongs_to_its_end(state: ExperimentState) -> None:
    over = ended(after(experiment(), seen(10, 0.0)), by_script(state, NOW - 7200), NOW)
    flushed = after(over, seen(20, 0.0), NOW + SETTLING - 1)
    assert flushed == replace(over, bytes=20, complete_bytes=20)
    assert after(flushed, seen(20, 0.0), NOW + SETTLING + 1) is flushed
    later = after(flushed, seen(21, -SETTLING), NOW + SETTLING + 1)
    assert (later.state, later.reason) == ("running", f"{_REVIVED} {state.value}")
    assert (later.held, later.lease, later.complete_bytes) == (False, None, 0)


def test_writers_of_a_machine_whose_clock_is_ahead_have_their_time_too() -> None:
    over = ended(after(experiment(), seen(10, 0.0)), by_script(COMPLETED, 5.0), NOW)
    assert after(over, seen(20, -700.0), NOW + 100).state is COMPLETED
    assert after(over, seen(20, -700.0), NOW + SETTLING).state is ExperimentState.RUNNING


@pytest.mark.parametrize("flushed_after", [-1.0, 170.0])
def test_what_was_flushed_in_time_belongs_to_the_end_however_late_a_scan_sees_it(
    flushed_after: float,
) -> None:
    over = ended(after(experiment(), seen(10, 0.0)), by_script(COMPLETED, 5.0), NOW)
    flushed = after(over, seen(20, -flushed_after), NOW + SETTLING + 5)
    assert flushed.state is COMPLETED
    assert flushed.complete_bytes == 20


@pytest.mark.parametrize("state", [COMPLETED, STOPPED])
def test_growth_after_a_persons_word_is_new_at_once(state: ExperimentState) -> None:
    over = ended(after(experiment(), seen(10, 0.0)), End(state, "said ada"), NOW)
    assert after(over, seen(10, 0.0), NOW + 1) is over
    assert after(over, seen(11, 0.0), NOW + 1).reason == f"{_REVIVED} {state.value}"


def test_a_persons_word_after_the_scripts_leaves_the_writers_their_time() -> None:
    over = ended(after(experiment(), seen(10, 0.0)), by_script(COMPLETED), NOW)
    said = ended(over, End(STOPPED, "said ada"), NOW + 5)
    assert (said.ended_at, said.end_heard_at) == (NOW, NOW)
    assert after(said, seen(20, 0.0), NOW + 10).state is STOPPED


def test_a_clock_that_was_set_back_does_not_swallow_new_data() -> None:
    over = ended(after(experiment(), seen(10, 0.0)), by_script(COMPLETED), NOW + 86_400)
    assert after(over, seen(20, 0.0), NOW).state is ExperimentState.RUNNING


def test_what_somebody_stopped_stays_so_though_its_files_go_and_come_back() -> None:
    over = ended(after(experiment(), seen(10, 0.0)), End(STOPPED, "stopped by ada"), NOW)
    gone = after(over, MISSING, NOW + 2 * IDLE)
    assert gone == replace(over, problem=MISSING.problem)
    assert after(gone, seen(10, 0.0), NOW) == over


def test_a_script_that_was_lost_is_stopped_until_it_is_heard_again() -> None:
    running = after(begun(experiment(), 60.0), seen(10, 0.0))
    silent = lost(running)
    assert (silent.state, silent.reason, silent.held) == ("stopped", "heartbeat lost", False)
    assert is_lost(silent)
    assert after(silent, seen(10, 0.0)) is silent
    assert heard(silent, 60.0) == replace(running, complete_bytes=0)


def test_a_lost_script_that_writes_on_runs_without_its_lease_until_it_is_heard() -> None:
    silent = lost(after(begun(experiment(), 60.0), seen(10, 0.0)))
    writing = after(silent, seen(11, 0.0))
    assert (writing.state, writing.lease, writing.held) == ("running", None, False)
    assert heard(writing, 30.0) == replace(writing, lease=30.0, held=True)


@pytest.mark.parametrize("state", [COMPLETED, FAILED, STOPPED])
def test_a_heartbeat_takes_no_word_back(state: ExperimentState) -> None:
    over = ended(begun(experiment(), 60.0), End(state, "said ada"), NOW)
    assert heard(over, 60.0) is over
    gone = experiment(STOPPED, reason=GONE)
    assert heard(gone, 60.0) is gone


def test_a_heartbeat_changes_a_running_one_only_if_the_lease_is_another() -> None:
    running = begun(experiment(), 60.0)
    assert heard(running, 60.0) is running
    assert heard(running, 90.0) == replace(running, lease=90.0)


def test_holding_keeps_the_lease_of_what_runs_and_brings_back_what_is_over() -> None:
    running = begun(experiment(), 60.0)
    assert hold(running) == running
    again = hold(lost(running))
    assert (again.state, again.held, again.lease, again.reason) == ("running", True, None, "")


_LEASES = st.none() | st.just(60.0)
_EXPERIMENTS = st.builds(
    experiment,
    st.sampled_from(ExperimentState),
    held=st.booleans(),
    lease=_LEASES,
    reason=st.sampled_from(["", GONE, "said ada"]),
    ended_at=st.none() | st.just(NOW - 5),
    end_heard_at=st.none() | st.sampled_from([NOW - 5, NOW - SETTLING]),
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
    scanned: dict[str, Any] = {
        "state": before.state,
        "reason": before.reason,
        "bytes": before.bytes,
        "complete_bytes": before.complete_bytes,
        "last_event_at": before.last_event_at,
        "problem": before.problem,
        "lease": before.lease,
    }
    assert replace(result, **scanned) == before
    assert (result is before) == (result == before)


@given(_EXPERIMENTS, _MEASUREMENTS)
def test_the_same_scan_again_settles_after_one_more_look(
    before: Experiment, what: Measurement
) -> None:
    second = after(after(before, what), what)
    assert after(second, what) is second


_WORDS = st.sampled_from(
    [
        *(by_script(state, at) for state in (COMPLETED, FAILED, STOPPED) for at in (1.0, 2.0)),
        *(End(state, "said ada") for state in (COMPLETED, FAILED, STOPPED)),
        "begin",
        "hold",
        "beat",
        "lose",
        *(Measurement(bytes=size, last_event_at=NOW) for size in (1, 2, 3)),
        Measurement(bytes=2, last_event_at=NOW - IDLE),
        MISSING,
    ]
)


def told(before: Experiment, word: object, now: float) -> Experiment:
    match word:
        case End():
            return ended(before, word, now)
        case Measurement():
            return after(before, word, now)
        case "begin":
            return begun(before, 60.0)
        case "hold":
            return hold(before)
        case "beat":
            return heard(before, 60.0)
        case _:
            return lost(before) if is_leased(before) else before


@given(st.lists(_WORDS, max_size=30))
def test_whatever_is_told_in_any_order_an_experiment_makes_sense(words: list[object]) -> None:
    now, one = NOW, experiment()
    for word in words:
        now += 60.0
        before, one = one, told(one, word, now)
        if one.state is not ExperimentState.RUNNING:
            assert not one.held
            assert one.lease is None or one.reason == HEARTBEAT_LOST
        else:
            assert one.lease is None or one.held, "a lease holds"
            assert one.complete_bytes == 0
        if isinstance(word, End) and word.ended_at is not None:
            assert one.ended_at == word.ended_at
            assert told(one, word, now) is one
        if word == "beat":
            assert (one.state is ExperimentState.RUNNING) == (
                before.state is ExperimentState.RUNNING or is_lost(before)
            )
