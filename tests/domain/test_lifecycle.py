"""Decisions about boards: examples, and what holds of each; for whole lives see the machine."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbgateway.domain.lifecycle import (
    TRANSITIONS,
    Action,
    BackOff,
    BoardState,
    Fail,
    Limits,
    Observed,
    Open,
    Phase,
    Queue,
    Rest,
    Settle,
    Start,
    Stop,
    Wanted,
    check_transition,
    decide,
)

LIMITS = Limits()
UP = Wanted(visited=True)
DOWN = Wanted()
PAUSED = Wanted(visited=True, paused=True)
DELETED = Wanted(visited=True, deleted=True)
STARTING = Observed(state=BoardState.STARTING, phase=Phase.PENDING, since=100.0)
RUNNING = Observed(state=BoardState.RUNNING, phase=Phase.READY, since=100.0)


def after(wanted: Wanted, observed: Observed, now: float = 100.0) -> Action:
    return decide(wanted, observed, now, LIMITS)


# --- examples


def test_a_board_sleeps_until_somebody_comes() -> None:
    assert after(DOWN, Observed()) == Rest()
    assert after(UP, Observed()) == Start()


def test_a_starting_board_opens_when_it_is_ready() -> None:
    assert after(UP, STARTING) == Rest(until=220.0)
    assert after(UP, replace(STARTING, phase=Phase.READY)) == Open()
    assert after(UP, RUNNING) == Rest()


def test_a_board_that_nobody_looks_at_is_stopped() -> None:
    assert after(DOWN, RUNNING) == Stop("nobody is looking")
    assert after(DOWN, STARTING) == Stop("nobody is looking")


@pytest.mark.parametrize("observed", [STARTING, RUNNING])
def test_a_paused_or_deleted_board_is_stopped_with_the_reason(observed: Observed) -> None:
    assert after(PAUSED, observed) == Stop("somebody stopped it")
    assert after(DELETED, observed) == Stop("the board was deleted")
    both = Wanted(visited=True, paused=True, deleted=True)
    assert after(both, observed) == Stop("the board was deleted")


def test_a_stopped_board_settles() -> None:
    asleep = Observed(state=BoardState.PAUSED)
    assert after(PAUSED, Observed()) == Settle(BoardState.PAUSED)
    assert after(PAUSED, asleep) == Rest()
    assert after(DOWN, asleep) == Settle(BoardState.SLEEPING)
    assert after(DELETED, asleep) == Settle(BoardState.SLEEPING)


def test_a_visit_ends_a_pause_that_nobody_wants_any_more() -> None:
    assert after(UP, Observed(state=BoardState.PAUSED)) == Start()


def test_a_board_that_stops_is_not_reopened_by_a_visit() -> None:
    stopping = replace(RUNNING, state=BoardState.STOPPING)
    assert isinstance(after(UP, stopping), Stop)
    assert isinstance(after(UP, replace(stopping, phase=Phase.GONE)), Stop)


def test_a_crashed_board_is_tried_again_later_and_later() -> None:
    delays = []
    for crashes in range(4):
        gone = replace(STARTING, phase=Phase.GONE, crashes=crashes, reason="exit code 1")
        action = after(UP, gone)
        assert isinstance(action, BackOff)
        assert (action.crashes, action.reason) == (crashes + 1, "exit code 1")
        delays.append(action.until - 100.0)
    assert delays == [0.5, 1.0, 2.0, 4.0]


def test_the_backoff_has_an_end() -> None:
    patient = Limits(most_crashes=100)
    gone = replace(STARTING, phase=Phase.GONE, crashes=50)
    assert decide(UP, gone, 100.0, patient) == BackOff(130.0, 51, "")


def test_a_restarting_board_waits_for_its_time() -> None:
    waiting = Observed(state=BoardState.RESTARTING, crashes=1, retry_at=105.0)
    assert after(UP, waiting, now=104.9) == Rest(until=105.0)
    assert after(UP, waiting, now=105.0) == Start()
    assert after(DOWN, waiting, now=104.9) == Settle(BoardState.SLEEPING)


def test_five_crashes_in_a_row_are_a_failure() -> None:
    gone = replace(STARTING, phase=Phase.GONE, crashes=4, reason="exit code 1")
    assert after(UP, gone) == Fail(5, "exit code 1")


def test_a_failed_board_waits_for_a_person() -> None:
    failed = Observed(state=BoardState.FAILED)
    assert after(UP, failed) == Rest()
    assert after(DOWN, failed) == Rest()
    assert after(PAUSED, failed) == Settle(BoardState.PAUSED)
    assert after(DELETED, failed) == Settle(BoardState.SLEEPING)


def test_a_board_that_was_well_for_a_minute_has_its_crashes_forgiven() -> None:
    gone = replace(RUNNING, phase=Phase.GONE, crashes=4)
    assert isinstance(after(UP, gone, now=159.0), Fail)
    assert after(UP, gone, now=160.0) == BackOff(160.5, 1, "")


def test_a_board_that_is_never_ready_counts_as_crashed() -> None:
    slow = replace(STARTING, reason="loading")
    assert after(UP, slow, now=219.0) == Rest(until=220.0)
    action = after(UP, slow, now=220.0)
    assert action == BackOff(220.5, 1, "it was not ready after 120 s (loading)")


def test_whoever_makes_processes_being_out_of_reach_is_no_crash_of_the_board() -> None:
    waiting = replace(STARTING, phase=Phase.UNREACHABLE, crashes=4, reason="no answer")
    assert after(UP, waiting) == BackOff(102.0, 4, "no answer")
    assert isinstance(after(DOWN, waiting), Stop)
    assert isinstance(after(UP, replace(waiting, phase=Phase.GONE)), Fail)


@pytest.mark.parametrize("state", [BoardState.STARTING, BoardState.RUNNING])
def test_a_board_whose_process_was_lost_in_the_middle_of_an_action_recovers(
    state: BoardState,
) -> None:
    lost = Observed(state=state)
    assert isinstance(after(UP, lost), BackOff)
    assert isinstance(after(DOWN, lost), Stop)
    assert isinstance(after(DELETED, lost), Stop)


def test_a_stop_that_broke_off_is_finished_first() -> None:
    broken = Observed(state=BoardState.STOPPING)
    assert isinstance(after(UP, broken), Stop)
    assert isinstance(after(PAUSED, broken), Stop)


def test_what_would_end_again_in_the_same_way_is_not_tried_again() -> None:
    spent = replace(RUNNING, phase=Phase.SPENT, reason="too large")
    assert after(UP, spent) == Fail(1, "too large")
    assert isinstance(after(DOWN, spent), Stop)
    assert isinstance(after(UP, replace(spent, state=BoardState.STOPPING)), Stop)


def test_a_board_that_has_no_room_waits_for_it() -> None:
    crowded = Wanted(visited=True, lacks="all places are taken")
    assert after(crowded, Observed()) == Queue(100.5, "all places are taken")
    assert after(crowded, Observed(state=BoardState.FAILED)) == Rest()
    waiting = Observed(state=BoardState.RESTARTING, crashes=1, retry_at=105.0)
    assert after(crowded, waiting) == Rest(until=105.0)
    assert isinstance(after(crowded, waiting, now=105.0), Queue)


def test_a_board_that_gives_way_says_so() -> None:
    assert after(Wanted(yields=True), RUNNING) == Stop("another board needs its room")


# --- the table


def test_every_state_can_be_reached_and_left() -> None:
    assert set().union(*TRANSITIONS.values()) == set(BoardState)
    assert all(TRANSITIONS[state] for state in BoardState)


def test_an_illegal_transition_is_a_bug() -> None:
    check_transition(BoardState.SLEEPING, BoardState.SLEEPING)
    check_transition(BoardState.SLEEPING, BoardState.STARTING)
    with pytest.raises(AssertionError, match="from sleeping to running"):
        check_transition(BoardState.SLEEPING, BoardState.RUNNING)


# --- whatever happens

_OBSERVED = st.builds(
    Observed,
    state=st.sampled_from(BoardState),
    phase=st.sampled_from(Phase),
    since=st.sampled_from([0.0, 90.0, 100.0]),
    crashes=st.integers(0, 6),
    retry_at=st.sampled_from([0.0, 100.0, 105.0]),
)
_WANTED = st.builds(Wanted, visited=st.booleans(), paused=st.booleans(), deleted=st.booleans())


@given(_WANTED, _OBSERVED)
def test_nothing_starts_or_opens_unless_it_is_wanted(wanted: Wanted, observed: Observed) -> None:
    if isinstance(after(wanted, observed), Start | Open | BackOff | Fail):
        assert wanted.visited
        assert not wanted.paused
        assert not wanted.deleted


@given(_WANTED, _OBSERVED)
def test_nothing_rests_until_a_moment_that_is_past(wanted: Wanted, observed: Observed) -> None:
    action = after(wanted, observed)
    if isinstance(action, Rest) and action.until is not None:
        assert action.until > 100.0
