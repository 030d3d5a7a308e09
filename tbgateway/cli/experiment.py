"""tbgateway experiment: experiments."""

from collections.abc import Sequence

from cyclopts import App

from tbgateway.cli.references import reference, references, registered
from tbgateway.cli.session import Session, Use
from tbgateway.cli.watched import OneExperiment, SomeExperiments
from tbgateway.cli.watching import Watch, follow
from tbgateway.cli.words import ago, size
from tbgateway.client import Experiment
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState

app = App(name="experiment", help="Experiments: directories of event files.")

_HEADS = ("NAME", "ID", "STATE", "SIZE", "LAST EVENT", "PROBLEM")


@app.command(name="list")
def list_(
    text: str | None = None,
    /,
    *,
    state: ExperimentState | None = None,
    watch: Watch = False,
    session: Use,
) -> None:
    """List experiments, the newest event last.

    Args:
        text: Only those whose name holds this.
        state: Only those in this state.
        watch: Go on, and show every change, until Ctrl-C.

    """
    if watch:
        follow(session, SomeExperiments(session.client, _show_all, state, text))
    else:
        _show_all(session, session.client.experiments.list(state=state, text=text))


@app.command
def show(experiment: str, /, *, watch: Watch = False, session: Use) -> None:
    """Show an experiment.

    Args:
        experiment: Its id, name or path.
        watch: Go on, and show every change, until Ctrl-C.

    """
    named = reference(experiment)
    found = session.client.experiments.show(named)
    if watch:
        follow(session, OneExperiment(session.client, _show, found))
    else:
        _show(session, found)


@app.command
def register(path: str, /, *, name: str | None = None, running: bool = False, session: Use) -> None:
    """Make a directory an experiment. It must lie below one of the gateway's logdirs.

    Args:
        path: The directory.
        name: The name it shall have, if not its path below the logdir.
        running: Keep it running, however long it writes nothing, until somebody completes it.

    """
    if not path:
        raise InvalidInputError(
            "'' names no directory.", hint="Use: tbgateway experiment register PATH"
        )
    there = path if path.startswith("~") else f"./{path}" if not path.startswith("/") else path
    registration = session.client.experiments.register(reference(there), name=name, running=running)
    _show(session, registration)


@app.command
def complete(experiment: str, /, *, session: Use) -> None:
    """Say that no more data will come.

    Args:
        experiment: Its id, name or path.

    """
    _show(session, session.client.experiments.complete(registered(session, experiment)))


@app.command
def fail(experiment: str, /, *, reason: str = "", session: Use) -> None:
    """Say that an experiment failed.

    Args:
        experiment: Its id, name or path.
        reason: Why.

    """
    named = registered(session, experiment)
    _show(session, session.client.experiments.fail(named, reason=reason))


@app.command
def delete(experiment: str, /, *experiments: str, session: Use) -> None:
    """Forget experiments that are on no board; their files are not touched.

    Args:
        experiment: Its id, name or path.
        experiments: Further experiments.

    """
    named = references((experiment, *experiments))
    for each, asked in zip(named, (experiment, *experiments), strict=True):
        session.client.experiments.delete(each)
        session.terminal.remark(f"forgot {asked}")


def _show_all(session: Session, found: Sequence[Experiment]) -> None:
    experiments = sorted(found, key=lambda one: one.last_event_at or one.created_at)
    if session.json:
        session.terminal.result(experiments)
    elif experiments:
        session.terminal.table(_HEADS, [_row(one) for one in experiments])
    else:
        session.terminal.remark(
            "There are no such experiments. Directories below a logdir that hold event files are"
            " found by themselves; register others: tbgateway experiment register PATH"
        )


def _row(experiment: Experiment) -> tuple[str, ...]:
    return (
        experiment.name,
        experiment.id,
        experiment.state,
        size(experiment.bytes),
        ago(experiment.last_event_at),
        experiment.problem or "",
    )


def _show(session: Session, experiment: Experiment) -> None:
    if session.json:
        session.terminal.result(experiment)
        return
    reason = f" ({experiment.reason})" if experiment.reason else ""
    session.terminal.record(
        {
            "name": experiment.name,
            "id": experiment.id,
            "path": experiment.path,
            "state": f"{experiment.state}{reason}",
            "held": "until somebody completes it" if experiment.held else None,
            "size": size(experiment.bytes),
            "last event": ago(experiment.last_event_at),
            "problem": experiment.problem,
        }
    )
