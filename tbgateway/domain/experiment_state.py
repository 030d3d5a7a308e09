"""When an experiment runs and when it is over: by what its files say, its script, or a person."""

import math
from dataclasses import dataclass, field, replace

from tbgateway.domain.model import Experiment, ExperimentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a scan saw in an experiment's directory.

    `bytes` is the size of all event files, `last_event_at` the newest one's modification time.
    `problem` says why TensorBoard must not be pointed at it, or None. `at` is when the look began,
    by a clock that is never set, in seconds: what is put together from nothing is never outdated.
    """

    bytes: int
    last_event_at: float | None
    problem: str | None = None
    at: float = field(default=math.inf, compare=False)


@dataclass(frozen=True, slots=True)
class End:
    """Somebody's word that an experiment is over; `ended_at` where its own script says so.

    That is Unix seconds by the script's clock: the same end may be told more than once.
    """

    state: ExperimentState
    reason: str
    ended_at: float | None = None
    by_script: bool = False


SETTLING = 180.0
"""For so many seconds after its script ended it, what its writers still flush is no new data."""
GONE = "its event files are gone"
HEARTBEAT_LOST = "heartbeat lost"
MISSING = Measurement(bytes=0, last_event_at=None, problem="its directory is missing")
_OVER = frozenset({ExperimentState.COMPLETED, ExperimentState.FAILED})
_REVIVED = {
    ExperimentState.COMPLETED: "new events after it was completed",
    ExperimentState.STOPPED: "new events after it was stopped",
}


def judge(
    experiment: Experiment, seen: Measurement, now: float, *, complete_after_idle: float
) -> Experiment:
    """Return the experiment as it stands after a scan; the same object if nothing changed.

    Growing after completion, or after somebody stopped it, brings it back to running, but for what
    comes right after its script's own end; falling silent completes it unless somebody holds it.
    Without any event file it is stopped after the same time, until there are some again; what
    cannot be looked at is not judged. `failed` is somebody's word and stays.
    """
    if _is_over(experiment) and _same(experiment, seen):
        return experiment
    state, reason = _state(experiment, seen, now, complete_after_idle)
    changed = experiment if state is experiment.state else replace(experiment, lease=None)
    if seen.problem is not None and seen.last_event_at is None:
        return _changed(changed, experiment, state=state, reason=reason, problem=seen.problem)
    complete_bytes = seen.bytes if state is not ExperimentState.RUNNING else 0
    return _changed(
        changed,
        experiment,
        state=state,
        reason=reason,
        complete_bytes=complete_bytes,
        bytes=seen.bytes,
        last_event_at=_last_event_at(experiment, seen),
        problem=GONE if _is_gone_state(state, reason) else seen.problem,
    )


def ended(experiment: Experiment, end: End, now: float) -> Experiment:
    """Return the experiment after that end was told, and its files were measured.

    An end that was told before changes nothing: somebody may have said something else since.
    """
    if knows(experiment, end):
        return experiment
    heard = end.by_script or end.ended_at is not None
    return replace(
        experiment,
        state=end.state,
        reason=end.reason,
        held=False,
        lease=None,
        complete_bytes=experiment.bytes,
        ended_at=experiment.ended_at if end.ended_at is None else end.ended_at,
        end_heard_at=now if heard else experiment.end_heard_at,
    )


def knows(experiment: Experiment, end: End) -> bool:
    """Whether this very end was told before."""
    return end.ended_at is not None and end.ended_at == experiment.ended_at


def begun(experiment: Experiment, lease: float) -> Experiment:
    """Return the experiment as it begins anew: its script will be heard within `lease` seconds.

    The end of its last life stays known: told once more, it is not this life's.
    """
    return replace(running(experiment), held=True, lease=lease, end_heard_at=None)


def held(experiment: Experiment) -> Experiment:
    """Return the experiment running until somebody says otherwise."""
    if experiment.state is not ExperimentState.RUNNING:
        experiment = running(experiment)
    return replace(experiment, held=True)


def heard(experiment: Experiment, lease: float) -> Experiment:
    """Return the experiment after its script was heard; the same object if nothing changed.

    Who was taken for lost runs again; whom somebody ended does not.
    """
    if is_lost(experiment):
        return replace(running(experiment), held=True, lease=lease)
    if experiment.state is not ExperimentState.RUNNING:
        return experiment
    return _changed(experiment, experiment, held=True, lease=lease)


def lost(experiment: Experiment) -> Experiment:
    """Return the experiment after its script was silent for too long, and its files measured.

    The lease stays, as the mark of what a heartbeat brings back.
    """
    stopped = ended(experiment, End(ExperimentState.STOPPED, HEARTBEAT_LOST), 0.0)
    return replace(stopped, lease=experiment.lease)


def is_leased(experiment: Experiment) -> bool:
    """Whether a script has to be heard of it."""
    return experiment.state is ExperimentState.RUNNING and experiment.lease is not None


def is_lost(experiment: Experiment) -> bool:
    """Whether it is stopped for nothing but its script's silence."""
    return experiment.state is ExperimentState.STOPPED and experiment.lease is not None


def running(experiment: Experiment, reason: str = "") -> Experiment:
    """Return the experiment running, with nobody to answer for it."""
    return replace(
        experiment,
        state=ExperimentState.RUNNING,
        reason=reason,
        held=False,
        lease=None,
        complete_bytes=0,
    )


def _is_over(experiment: Experiment) -> bool:
    """Whether somebody or silence ended it: not where it only lacks its files."""
    state = experiment.state
    return state in _OVER or (
        state is ExperimentState.STOPPED and not _is_gone_state(state, experiment.reason)
    )


def _is_gone_state(state: ExperimentState, reason: str) -> bool:
    return state is ExperimentState.STOPPED and reason == GONE


def _same(experiment: Experiment, seen: Measurement) -> bool:
    """Whether a scan saw nothing new: the usual case, ten thousand times every ten seconds."""
    return (
        experiment.bytes == seen.bytes
        and experiment.last_event_at == _last_event_at(experiment, seen)
        and experiment.problem == seen.problem
    )


def _state(
    experiment: Experiment, seen: Measurement, now: float, complete_after_idle: float
) -> tuple[ExperimentState, str]:
    silent = _silent(_last_event_at(experiment, seen), now, complete_after_idle)
    match experiment.state:
        case ExperimentState.RUNNING if experiment.held or not silent:
            return experiment.state, experiment.reason
        case _ if _is_over(experiment):
            return _over(experiment, seen, now, silent=silent)
        case ExperimentState.RUNNING if _is_gone(seen):
            return ExperimentState.STOPPED, GONE
        case ExperimentState.STOPPED if seen.last_event_at is not None and not silent:
            return ExperimentState.RUNNING, "its event files are back"
        case _ if seen.last_event_at is not None:
            return ExperimentState.COMPLETED, f"no new event for {_spoken(complete_after_idle)}"
        case _:
            return experiment.state, experiment.reason


def _over(
    experiment: Experiment, seen: Measurement, now: float, *, silent: bool
) -> tuple[ExperimentState, str]:
    reason = _REVIVED.get(experiment.state)
    if reason is None or silent or seen.bytes <= experiment.complete_bytes:
        return experiment.state, experiment.reason
    if _belongs_to_end(experiment.end_heard_at, seen.last_event_at, now):
        return experiment.state, experiment.reason
    return ExperimentState.RUNNING, reason


def _belongs_to_end(heard_at: float | None, last_event_at: float | None, now: float) -> bool:
    """Whether new events are what its writers still flushed, however late a scan sees them."""
    if heard_at is None:
        return False
    flushed = last_event_at is not None and abs(last_event_at - heard_at) < SETTLING
    return flushed or 0.0 <= now - heard_at < SETTLING


def _spoken(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g} s"  # noqa: PLR2004 - seconds of a minute


def _is_gone(seen: Measurement) -> bool:
    """Whether there are no event files: not where nobody could look."""
    return seen.last_event_at is None and seen.problem in {None, MISSING.problem}


def _last_event_at(experiment: Experiment, seen: Measurement) -> float | None:
    """Return when the last event was; that stays known when its file is gone."""
    return experiment.last_event_at if seen.last_event_at is None else seen.last_event_at


def _silent(last_event_at: float | None, now: float, complete_after_idle: float) -> bool:
    return last_event_at is not None and now - last_event_at >= complete_after_idle


def _changed(base: Experiment, before: Experiment, **changes: object) -> Experiment:
    updated = replace(base, **changes)  # type: ignore[arg-type] # field names checked by callers
    return before if updated == before else updated
