"""When an experiment runs and when it is over, judged from what its files say."""

from dataclasses import dataclass, replace

from tbgateway.domain.model import Experiment, ExperimentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What a scan saw in an experiment's directory.

    `bytes` is the size of all event files, `last_event_at` the newest one's modification time.
    `problem` says why TensorBoard must not be pointed at it, or None.
    """

    bytes: int
    last_event_at: float | None
    problem: str | None = None


_OVER = frozenset({ExperimentState.COMPLETED, ExperimentState.FAILED})
GONE = "its event files are gone"
MISSING = Measurement(bytes=0, last_event_at=None, problem="its directory is missing")


def judge(
    experiment: Experiment, seen: Measurement, now: float, *, complete_after_idle: float
) -> Experiment:
    """Return the experiment as it stands after a scan; the same object if nothing changed.

    Growing after completion brings it back to running; falling silent completes it unless
    somebody holds it. Without any event file it is stopped after the same time, until there are
    some again; what cannot be looked at is not judged. `failed` is a person's word and stays.
    """
    if experiment.state in _OVER and _same(experiment, seen):
        return experiment
    state, reason = _state(experiment, seen, now, complete_after_idle)
    if seen.problem is not None and seen.last_event_at is None:
        return _changed(experiment, state=state, reason=reason, problem=seen.problem)
    complete_bytes = seen.bytes if state is not ExperimentState.RUNNING else 0
    return _changed(
        experiment,
        state=state,
        reason=reason,
        complete_bytes=complete_bytes,
        bytes=seen.bytes,
        last_event_at=_last_event_at(experiment, seen),
        problem=GONE if state is ExperimentState.STOPPED else seen.problem,
    )


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
        case ExperimentState.RUNNING if _is_gone(seen):
            return ExperimentState.STOPPED, GONE
        case ExperimentState.STOPPED if seen.last_event_at is not None and not silent:
            return ExperimentState.RUNNING, "its event files are back"
        case ExperimentState.RUNNING | ExperimentState.STOPPED if seen.last_event_at is not None:
            return ExperimentState.COMPLETED, f"no new event for {_spoken(complete_after_idle)}"
        case ExperimentState.COMPLETED if seen.bytes > experiment.complete_bytes and not silent:
            return ExperimentState.RUNNING, "new events after it was completed"
        case _:
            return experiment.state, experiment.reason


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


def _changed(experiment: Experiment, **changes: object) -> Experiment:
    updated = replace(experiment, **changes)  # type: ignore[arg-type] # field names checked by callers
    return experiment if updated == experiment else updated
