"""How experiments are printed."""

from collections.abc import Sequence

from tbgateway.cli.session import Session
from tbgateway.cli.words import ago, lasting, size
from tbgateway.client import Experiment, Logdir
from tbgateway.domain.description import spoken
from tbgateway.domain.model import ParamValue

_HEADS = ("NAME", "ID", "STATE", "SIZE", "LAST EVENT")
_LAST_HEADS = ("TAGS", "PROBLEM")
_LOGDIR_HEADS = ("NAME", "PATH", "DEPTH", "NEW")


def show_experiments(
    session: Session, found: Sequence[Experiment], *, keys: Sequence[str] = ()
) -> None:
    """Print a list of experiments, the newest event last, with their parameters `keys`."""
    experiments = sorted(found, key=lambda one: one.last_event_at or one.created_at)
    if session.json:
        session.terminal.result(experiments)
    elif experiments:
        heads = (*_HEADS, *keys, *_LAST_HEADS)
        session.terminal.table(heads, [_row(one, keys) for one in experiments])
    else:
        session.terminal.remark(
            "There are no such experiments. Directories below a logdir that hold event files are"
            " found by themselves; register others: tbgateway experiment register PATH"
        )


def show_experiment(session: Session, experiment: Experiment) -> None:
    """Print all that is known of an experiment."""
    if session.json:
        session.terminal.result(experiment)
    else:
        session.terminal.record(_fields(experiment))


def show_logdirs(session: Session, logdirs: Sequence[Logdir]) -> None:
    """Print the directories where experiments are found."""
    if session.json:
        session.terminal.result(logdirs)
    elif logdirs:
        rows = [(one.name, one.path, str(one.depth), "yes" if one.new else "") for one in logdirs]
        session.terminal.table(_LOGDIR_HEADS, rows)
    else:
        session.terminal.remark(
            "The gateway has no logdirs. Whoever runs it may give it some: --logdir DIR"
        )


def _row(experiment: Experiment, keys: Sequence[str]) -> tuple[str, ...]:
    params = experiment.params
    return (
        experiment.name,
        experiment.id,
        experiment.state,
        size(experiment.bytes),
        ago(experiment.last_event_at),
        *(spoken(params[key]) if key in params else "" for key in keys),
        ", ".join(experiment.tags),
        experiment.problem or "",
    )


def _fields(experiment: Experiment) -> dict[str, str | Sequence[str] | None]:
    reason = f" ({experiment.reason})" if experiment.reason else ""
    return {
        "name": experiment.name,
        "id": experiment.id,
        "path": experiment.path,
        "state": f"{experiment.state}{reason}",
        "held": _held(experiment),
        "size": size(experiment.bytes),
        "last event": ago(experiment.last_event_at),
        "problem": experiment.problem,
        "tags": ", ".join(experiment.tags),
        "params": [_param(*one) for one in sorted(experiment.params.items())],
        "notes": experiment.notes.rstrip().splitlines(),
        "not read": experiment.description_problem,
    }


def _held(experiment: Experiment) -> str | None:
    if not experiment.held:
        return None
    if experiment.lease is None:
        return "until somebody completes it"
    return f"by its script, which may be silent for {lasting(experiment.lease)}"


def _param(key: str, value: ParamValue) -> str:
    return f"{key} = {spoken(value)}"
