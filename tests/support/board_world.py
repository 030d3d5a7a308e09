"""One board as `supervisor.board_reconciler` treats it, on a launcher that is a dictionary."""

from collections.abc import Callable
from copy import copy
from dataclasses import replace

import pytest

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
    Rest,
    Settle,
    Start,
    Stop,
    Wanted,
    check_transition,
)

LIMITS = Limits()
MOST_STEPS = 30
"""From anything that can happen, a healthy board runs, or an unwanted one rests, within these."""
Decide = Callable[[Wanted, Observed, float, Limits], Action]


class BrokeOffError(Exception):
    """The gateway itself failed in the middle of an action."""


class World:
    """One board, its reconciler, and the launcher's processes by their generation."""

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.now = 0.0
        self.visited = self.paused = self.deleted = False
        self.reachable = self.launches = True
        self.breaks_off = False
        self.observed = Observed()
        self.generation = 0
        self.instance: int | None = None
        self.processes: dict[int, Phase] = {}
        self.routed: frozenset[int] = frozenset()
        self.in_a_row = 0

    def clone(self) -> "World":
        """Return a world to try things in."""
        other = copy(self)
        other.processes = dict(self.processes)
        return other

    @property
    def wanted(self) -> Wanted:
        return Wanted(visited=self.visited, paused=self.paused, deleted=self.deleted)

    # --- as the reconciler does

    def step(self) -> Action:
        """Observe, decide, act."""
        self._observe()
        action = self.decide(self.wanted, self.observed, self.now, LIMITS)
        self._act(action)
        return action

    def _observe(self) -> None:
        phase = self.observed.phase
        if self.instance is not None:
            phase = self.processes.get(self.instance, Phase.GONE)
        elif phase not in {Phase.GONE, Phase.UNREACHABLE}:
            phase = Phase.NONE
        if phase is not self.observed.phase:
            since = self.observed.since if phase is Phase.GONE else self.now
            self.observed = replace(self.observed, phase=phase, since=since)

    def _act(self, action: Action) -> None:
        match action:
            case Settle(state):
                self._move(state)
            case Start():
                self._start()
            case Open():
                assert self.instance is not None, "nothing is there to be opened"
                self.routed |= {self.instance}
                self._move(BoardState.RUNNING)
            case Stop():
                self._move(BoardState.STOPPING)
                self._clear()
                self.in_a_row = 0
                self.visited = self.visited and not self.paused
                self._move(BoardState.PAUSED if self.paused else BoardState.SLEEPING)
            case BackOff() | Fail():
                self._give_way(action)

    def _start(self) -> None:
        self._move(BoardState.STARTING)
        self._maybe_break_off()
        phase = Phase.PENDING
        if not self.reachable:
            phase = Phase.UNREACHABLE
        elif not self.launches:
            phase = Phase.GONE
        else:
            self.generation += 1
            self.instance = self.generation
            self.processes[self.generation] = phase
        self.observed = replace(self.observed, phase=phase, since=self.now)

    def _give_way(self, action: BackOff | Fail) -> None:
        crashed = self.observed.phase is not Phase.UNREACHABLE
        was_up = self.observed.state is BoardState.RUNNING
        was_well = was_up and self.now - self.observed.since >= LIMITS.well_after
        self._clear()
        if crashed:
            self.in_a_row = 1 if was_well else self.in_a_row + 1
        assert action.crashes == self.in_a_row, "every crash in a row counts once"
        too_many = crashed and action.crashes >= LIMITS.most_crashes
        assert isinstance(action, Fail) == too_many, "so many crashes are a failure, and no fewer"
        if isinstance(action, Fail):
            self.in_a_row = 0
            self._move(BoardState.FAILED)
            return
        self.observed = replace(self.observed, crashes=action.crashes, retry_at=action.until)
        self._move(BoardState.RESTARTING)

    def _clear(self) -> None:
        """The instance is let go first, whatever comes then; its process may be left over."""
        gone, self.instance = self.instance, None
        if gone is not None:
            self.routed -= {gone}
            self.processes.pop(gone, None)
        crashes = self.observed.crashes
        self.observed = replace(self.observed, phase=Phase.NONE, since=self.now)
        self._maybe_break_off()
        assert crashes == self.observed.crashes
        self.observed = replace(self.observed, crashes=0, retry_at=0.0)

    def _maybe_break_off(self) -> None:
        broken, self.breaks_off = self.breaks_off, False
        if broken:
            raise BrokeOffError

    def _move(self, state: BoardState) -> None:
        check_transition(self.observed.state, state)
        self.observed = replace(self.observed, state=state)

    # --- what must come true in the end

    def settle(self) -> None:
        """Step until there is nothing to do now."""
        for _ in range(MOST_STEPS):
            if isinstance(self.step(), Rest):
                return
        pytest.fail(f"no rest for {self.observed} with {self.wanted}")

    def runs_in_the_end(self) -> bool:
        """Whether a healthy engine and somebody who starts the board have it running."""
        self.reachable = self.launches = self.visited = True
        self.paused = self.deleted = self.breaks_off = False
        for _ in range(MOST_STEPS):
            self.forgive()  # a crash that nobody saw yet may have been one too many
            action = self.step()
            self.visited = True  # whoever came while it stopped is still there
            if self.observed.state is BoardState.RUNNING and isinstance(action, Rest):
                return self.routed == {self.instance}
            self._help(action)
        return False

    def rests_in_the_end(self) -> bool:
        """Whether a board that nobody looks at has no process left."""
        self.visited = self.breaks_off = False
        for _ in range(MOST_STEPS):
            action = self.step()
            if isinstance(action, Rest) and action.until is None:
                return not self.processes and self.observed.state not in WITH_PROCESS
            self._help(action)
        return False

    def _help(self, action: Action) -> None:
        """Let what is waited for happen."""
        if isinstance(action, Rest) and action.until is not None:
            self.now = max(self.now, action.until)
        if self.instance is not None and self.processes.get(self.instance) is Phase.PENDING:
            self.processes[self.instance] = Phase.READY

    def forgive(self) -> None:
        if self.observed.state is BoardState.FAILED:
            self._move(BoardState.SLEEPING)
            self.observed = Observed()
