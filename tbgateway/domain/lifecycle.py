"""A board's fate is decided here and nowhere else: `decide(wanted, observed, now) -> Action`.

A reconciler observes, asks, and executes. The table TRANSITIONS says which changes of state are
legal; `check_transition` asserts it, and the documentation's diagram is drawn from it.
Times are seconds of one monotonic clock.
"""

from dataclasses import dataclass
from enum import StrEnum


class BoardState(StrEnum):
    """What a board is doing."""

    SLEEPING = "sleeping"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    FAILED = "failed"
    PAUSED = "paused"


class Phase(StrEnum):
    """What the launcher sees of the board's newest instance."""

    NONE = "none"
    PENDING = "pending"
    READY = "ready"
    GONE = "gone"
    SPENT = "spent"
    """Gone, and another try would end in the same way."""
    UNREACHABLE = "unreachable"
    """There is none, because whoever makes or records them could not: no fault of the board."""


TRANSITIONS: dict[BoardState, frozenset[BoardState]] = {
    BoardState.SLEEPING: frozenset({BoardState.STARTING, BoardState.PAUSED}),
    BoardState.STARTING: frozenset(
        {BoardState.RUNNING, BoardState.STOPPING, BoardState.RESTARTING, BoardState.FAILED}
    ),
    BoardState.RUNNING: frozenset({BoardState.STOPPING, BoardState.RESTARTING, BoardState.FAILED}),
    BoardState.STOPPING: frozenset({BoardState.SLEEPING, BoardState.PAUSED}),
    BoardState.RESTARTING: frozenset(
        {BoardState.STARTING, BoardState.SLEEPING, BoardState.PAUSED, BoardState.FAILED}
    ),
    BoardState.FAILED: frozenset({BoardState.STARTING, BoardState.SLEEPING, BoardState.PAUSED}),
    BoardState.PAUSED: frozenset({BoardState.SLEEPING, BoardState.STARTING}),
}
assert set(TRANSITIONS) == set(BoardState), "every state has a row"  # noqa: S101 - a table's own check
WITH_PROCESS = frozenset({BoardState.STARTING, BoardState.RUNNING, BoardState.STOPPING})
"""A board in one of these without an instance has lost it: an action broke off in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How patient the supervisor is, in seconds and counts."""

    start_timeout: float = 120.0
    stop_grace: float = 3.0
    most_crashes: int = 5
    first_backoff: float = 0.5
    longest_backoff: float = 30.0
    unreachable_backoff: float = 2.0
    room_interval: float = 0.5
    """Between looks whether there is room for a board that waits for it."""
    well_after: float = 60.0
    """A board that was ready for this long has recovered: its crashes are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What people want of a board: `visited` while somebody asked for it since it last slept.

    `lacks` says what a board that is to start has no room in; one that `yields` was sent to sleep
    for the sake of another.
    """

    visited: bool = False
    paused: bool = False
    deleted: bool = False
    lacks: str = ""
    yields: bool = False

    @property
    def up(self) -> bool:
        """Whether a process should exist."""
        return self.visited and not self.paused and not self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known of a board: its last settled `state` and its newest instance.

    `since` is when the instance entered its phase, or, once it is gone, the phase before: how long
    it was well counts. `retry_at` is when the backoff ends; `reason` why the instance is gone, or
    what it is waiting for.
    """

    state: BoardState = BoardState.SLEEPING
    phase: Phase = Phase.NONE
    since: float = 0.0
    crashes: int = 0
    retry_at: float = 0.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do; look again at `until` at the latest (None: when something changes)."""

    until: float | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """No process is left and none is wanted: the board is `state`."""

    state: BoardState


@dataclass(frozen=True, slots=True)
class Start:
    """Launch a new generation."""


@dataclass(frozen=True, slots=True)
class Queue:
    """There is no room: have others make some, and look again at `until`."""

    until: float
    reason: str


@dataclass(frozen=True, slots=True)
class Open:
    """The instance is ready: let requests through."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Close the board to new requests, wait for those in flight, end the process."""

    reason: str


@dataclass(frozen=True, slots=True)
class BackOff:
    """The instance is lost or never was: clear it away and try again at `until`."""

    until: float
    crashes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fail:
    """Too many crashes in a row, or one for good: clear it away and wait for a person."""

    crashes: int
    reason: str


Action = Rest | Settle | Start | Queue | Open | Stop | BackOff | Fail


def decide(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    """Return the one next step for a board. Pure: the same arguments, the same answer."""
    match observed.phase:
        case Phase.NONE if observed.state not in WITH_PROCESS:
            return _without_instance(wanted, observed, now, limits)
        case Phase.NONE | Phase.GONE | Phase.SPENT | Phase.UNREACHABLE:
            if observed.state is BoardState.STOPPING or not wanted.up:
                return Stop(observed.reason)
            return _after_loss(observed, now, limits)
        case Phase.PENDING | Phase.READY if observed.state is BoardState.STOPPING or not wanted.up:
            return Stop(_why_down(wanted))
        case Phase.PENDING:
            return _while_pending(observed, now, limits)
        case Phase.READY:
            return Rest() if observed.state is BoardState.RUNNING else Open()


def _why_down(wanted: Wanted) -> str:
    if wanted.deleted:
        return "the board was deleted"
    if wanted.paused:
        return "somebody stopped it"
    return "another board needs its room" if wanted.yields else "nobody is looking"


def _without_instance(wanted: Wanted, observed: Observed, now: float, limits: Limits) -> Action:
    if not wanted.up:
        rest = BoardState.PAUSED if wanted.paused and not wanted.deleted else BoardState.SLEEPING
        keep = observed.state is rest or (
            observed.state is BoardState.FAILED and not wanted.paused and not wanted.deleted
        )
        return Rest() if keep else Settle(rest)
    if observed.state is BoardState.FAILED:
        return Rest()
    if observed.state is BoardState.RESTARTING and now < observed.retry_at:
        return Rest(until=observed.retry_at)
    return Queue(now + limits.room_interval, wanted.lacks) if wanted.lacks else Start()


def _while_pending(observed: Observed, now: float, limits: Limits) -> Action:
    deadline = observed.since + limits.start_timeout
    if now < deadline:
        return Rest(until=deadline)
    reason = f"it was not ready after {limits.start_timeout:g} s ({observed.reason})"
    return _after_crash(observed, reason, now, limits)


def _after_loss(observed: Observed, now: float, limits: Limits) -> Action:
    if observed.phase is Phase.UNREACHABLE:
        return BackOff(now + limits.unreachable_backoff, observed.crashes, observed.reason)
    if observed.phase is Phase.SPENT:
        return Fail(1, observed.reason)
    return _after_crash(observed, observed.reason, now, limits)


def _after_crash(observed: Observed, reason: str, now: float, limits: Limits) -> Action:
    well = observed.state is BoardState.RUNNING and now - observed.since >= limits.well_after
    crashes = 1 if well else observed.crashes + 1
    if crashes >= limits.most_crashes:
        return Fail(crashes, reason)
    delay = min(limits.first_backoff * 2 ** (crashes - 1), limits.longest_backoff)
    return BackOff(now + delay, crashes, reason)


def check_transition(before: BoardState, after: BoardState) -> None:
    """Raise AssertionError if a board may not go from `before` to `after`."""
    if before is not after and after not in TRANSITIONS[before]:
        raise AssertionError(f"a board may not go from {before} to {after}")
