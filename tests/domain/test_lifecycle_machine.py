"""A board's life, whatever people, processes, the engine and time do to it.

A decision that is wrong must be caught here: so the machine is let loose on broken ones as well.
"""

import itertools
from dataclasses import replace

import pytest
from board_world import LIMITS, BrokeOffError, Decide, World
from hypothesis import HealthCheck, settings
from hypothesis import Phase as HypothesisPhase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tbgateway.domain.lifecycle import (
    WITH_PROCESS,
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


class BoardLife(RuleBasedStateMachine):
    """Everything that can happen to one board."""

    decide: Decide = staticmethod(decide)

    def __init__(self) -> None:
        super().__init__()
        self.world = World(type(self).decide)

    # --- people

    @rule()
    def visit(self) -> None:
        self.world.visited = True

    @rule()
    def tire(self) -> None:
        self.world.visited = False

    @rule(paused=st.booleans())
    def pause_or_not(self, *, paused: bool) -> None:
        self.world.paused = paused

    @rule(meant=st.sampled_from([False, False, False, False, False, True]))
    def delete(self, *, meant: bool) -> None:
        self.world.deleted |= meant  # there is no way back, and little happens afterwards

    @rule()
    def forgive(self) -> None:
        self.world.forgive()

    @rule(seconds=st.sampled_from([0.1, 1.0, 30.0, 61.0, 121.0]))
    def wait(self, seconds: float) -> None:
        self.world.now += seconds

    # --- processes and those who make them

    @precondition(lambda self: Phase.PENDING in self.world.processes.values())
    @rule()
    def become_ready(self) -> None:
        for generation, phase in self.world.processes.items():
            if phase is Phase.PENDING:
                self.world.processes[generation] = Phase.READY

    @precondition(lambda self: self.world.processes)
    @rule()
    def crash(self) -> None:
        self.world.processes = dict.fromkeys(self.world.processes, Phase.GONE)

    @rule(reachable=st.booleans(), launches=st.booleans())
    def change_engine(self, *, reachable: bool, launches: bool) -> None:
        self.world.reachable, self.world.launches = reachable, launches

    @rule(ready=st.booleans(), seconds=st.sampled_from([0.0, 59.0, 61.0]))
    def live_and_crash(self, *, ready: bool, seconds: float) -> None:
        """A whole turn, so that five crashes in a row do happen."""
        self.world.visited = self.world.reachable = True
        self.world.now += LIMITS.longest_backoff
        self.reconcile()
        if ready:
            self.world._help(Rest())
            self.reconcile()
        self.world.now += seconds
        self.crash()
        self.reconcile()

    @rule()
    def be_out_of_reach_for_a_turn(self) -> None:
        self.world.visited = True
        self.world.now += LIMITS.longest_backoff
        self.world.reachable = False
        self.reconcile()
        self.world.reachable = True

    # --- the gateway

    @rule()
    def reconcile(self) -> None:
        self.world.settle()

    @rule()
    def step_once(self) -> None:
        self.world.step()

    @rule()
    def fail_in_the_middle(self) -> None:
        """A step breaks off at the worst moment, and the next ones have to mend it."""
        self.world.breaks_off = True
        try:
            self.world.step()
        except BrokeOffError:
            self.world.in_a_row = self.world.observed.crashes
        self.world.breaks_off = False

    @rule()
    def restart_the_gateway(self) -> None:
        """It ends, or is killed: its boards die with it, and the next one reaps what is left."""
        fresh = World(self.world.decide)
        fresh.now, fresh.generation = self.world.now, self.world.generation
        fresh.paused, fresh.deleted = self.world.paused, self.world.deleted
        self.world = fresh

    # --- what holds whatever happened

    @invariant()
    def at_most_one_generation_is_routed_and_it_is_the_newest(self) -> None:
        newest = {self.world.instance} - {None}
        assert len(self.world.processes) <= 1, "two generations have a process"
        assert self.world.routed <= newest, "requests go to a generation that is not the newest"

    @invariant()
    def a_process_exists_only_where_the_state_says_so(self) -> None:
        assert not self.world.processes or self.world.observed.state in WITH_PROCESS

    @invariant()
    def a_running_board_takes_requests(self) -> None:
        if self.world.observed.state is BoardState.RUNNING and self.world.instance is not None:
            assert self.world.routed == {self.world.instance}

    @invariant()
    def whoever_comes_has_it_running_in_the_end(self) -> None:
        assert self.world.clone().runs_in_the_end(), "it never runs"

    @invariant()
    def whom_nobody_visits_rests_in_the_end(self) -> None:
        assert self.world.clone().rests_in_the_end(), "it never rests"


TestBoardLife = BoardLife.TestCase
TestBoardLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


# --- every combination there is

OBSERVED = [
    Observed(state=state, phase=phase, since=since, crashes=crashes, retry_at=retry_at)
    for state, phase, since, crashes, retry_at in itertools.product(
        BoardState, Phase, (-200.0, 0.0), (0, 1, 4, 5, 99), (-1.0, 0.0, 1.0)
    )
]
WANTED = [
    Wanted(visited=visited, paused=paused, deleted=deleted, lacks=lacks)
    for visited, paused, deleted in itertools.product((False, True), repeat=3)
    for lacks in ("", "room")
]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_there_is_a_decision_about_everything(wanted: Wanted) -> None:
    for observed in OBSERVED:
        assert isinstance(decide(wanted, observed, 0.0, LIMITS), Action), observed


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_every_decision_leads_along_the_table(wanted: Wanted) -> None:
    """An instance exists in the states that have one: others with a phase cannot come about."""
    for observed in OBSERVED:
        if observed.phase is Phase.NONE or observed.state in WITH_PROCESS:
            state = observed.state
            for following in _states_of(decide(wanted, observed, 0.0, LIMITS), wanted):
                check_transition(state, following)
                state = following


def _states_of(action: Action, wanted: Wanted) -> list[BoardState]:
    """Return the states that executing an action goes through."""
    asleep = BoardState.PAUSED if wanted.paused else BoardState.SLEEPING
    if isinstance(action, Settle):
        return [action.state]
    return {
        Rest: [],
        Queue: [],
        Start: [BoardState.STARTING],
        Open: [BoardState.RUNNING],
        Stop: [BoardState.STOPPING, asleep],
        BackOff: [BoardState.RESTARTING],
        Fail: [BoardState.FAILED],
    }[type(action)]


# --- broken decisions


def _starts_beside_it(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    action = decide(wanted, observed, now, limits)
    gone_while_running = observed.state is BoardState.RUNNING and isinstance(action, BackOff)
    return Open() if gone_while_running else action


def _never_opens(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    action = decide(wanted, observed, now, limits)
    return Rest() if isinstance(action, Open) else action


def _never_tries_again(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    waits = observed.state is BoardState.RESTARTING and wanted.up
    return Rest() if waits else decide(wanted, observed, now, limits)


def _never_stops(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    action = decide(wanted, observed, now, limits)
    return Rest() if isinstance(action, Stop) else action


def _never_fails(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    action = decide(wanted, observed, now, limits)
    return BackOff(now, action.crashes, "") if isinstance(action, Fail) else action


def _counts_the_engine(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    gone = observed.phase is Phase.UNREACHABLE
    seen = replace(observed, phase=Phase.GONE) if gone else observed
    return decide(wanted, seen, now, limits)


def _forgets_to_start(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    action = decide(wanted, observed, now, limits)
    return Open() if isinstance(action, Start) else action


def _starts_again_and_again(
    wanted: Wanted, observed: Observed, now: float, limits: Limits
) -> Action:
    action = decide(wanted, observed, now, limits)
    pending = observed.phase is Phase.PENDING and isinstance(action, Rest)
    return Start() if pending else action


BROKEN: list[Decide] = [
    _starts_beside_it,
    _never_opens,
    _never_tries_again,
    _never_stops,
    _never_fails,
    _counts_the_engine,
    _forgets_to_start,
    _starts_again_and_again,
]
QUICK = settings(
    max_examples=2000,  # it ends with the first that fails; which that is depends on what is loaded
    stateful_step_count=30,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[HypothesisPhase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_broken_decision_is_caught(broken: Decide) -> None:
    class BrokenLife(BoardLife):
        decide = staticmethod(broken)

    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run_state_machine_as_test(BrokenLife, settings=QUICK)
