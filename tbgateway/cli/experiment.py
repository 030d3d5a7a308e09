"""tbgateway experiment: experiments."""

from collections.abc import Mapping, Sequence
from functools import partial

from cyclopts import App

from tbgateway.cli.described import NOTHING_SAID, Said, tags_of
from tbgateway.cli.experiment_view import show_experiment, show_experiments, show_logdirs
from tbgateway.cli.references import reference, references, registered
from tbgateway.cli.session import Use
from tbgateway.cli.since import parse_since
from tbgateway.cli.wanted import Wanted
from tbgateway.cli.watched import OneExperiment, SomeExperiments
from tbgateway.cli.watching import Watch, follow
from tbgateway.domain.description import parse_condition
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import ExperimentState, ParamValue

app = App(name="experiment", help="Experiments: directories of event files.")

Several = list[str]


@app.command(name="list")
def list_(
    text: str | None = None,
    /,
    *,
    tag: Several = [],  # noqa: B006 - never changed; cyclopts shows it as empty
    param: Several = [],  # noqa: B006 - as above
    state: ExperimentState | None = None,
    since: str | None = None,
    watch: Watch = False,
    session: Use,
) -> None:
    """List experiments, the newest event last.

    Args:
        text: Only those whose name or one of whose tags holds this.
        tag: Only those with this tag; may be repeated.
        param: Only those with such a parameter: 'lr<1e-3', model==vit, or lr (it is there). One
            of == != < <= > >=; may be repeated.
        state: Only those in this state.
        since: Only those whose last event came since: 30min, 12h or 7d ago, or a date or time.
        watch: Go on, and show every change, until Ctrl-C.

    """
    conditions = tuple(map(parse_condition, param))
    wanted = Wanted(
        state=state,
        text=text,
        tags=tags_of(tag),
        conditions=conditions,
        written=tuple(param),
        since=None if since is None else parse_since(since),
    )
    print_ = partial(show_experiments, keys=tuple(dict.fromkeys(one.key for one in conditions)))
    if watch:
        follow(session, SomeExperiments(session.client, print_, wanted))
    else:
        print_(session, wanted.found(session.client))


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
        follow(session, OneExperiment(session.client, show_experiment, found))
    else:
        show_experiment(session, found)


@app.command
def register(
    path: str,
    /,
    *,
    name: str | None = None,
    running: bool = False,
    said: Said = NOTHING_SAID,
    session: Use,
) -> None:
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
    registration = session.client.experiments.register(
        reference(there),
        name=name,
        running=running,
        params=said.params(),
        tags=said.tags(),
        notes=said.words(),
    )
    show_experiment(session, registration)


@app.command
def describe(
    experiment: str,
    /,
    *,
    said: Said = NOTHING_SAID,
    remove_param: Several = [],  # noqa: B006 - as above
    remove_tag: Several = [],  # noqa: B006 - as above
    session: Use,
) -> None:
    """Say with which parameters an experiment runs, tag it, take notes. What is not named stays.

    Args:
        experiment: Its id, name or path.
        remove_param: The key of a parameter to remove; may be repeated.
        remove_tag: A tag to remove; may be repeated.

    """
    params, tags, notes = said.params(), said.tags(), said.words()
    if not (params or tags or remove_param or remove_tag) and notes is None:
        raise InvalidInputError(
            "There is nothing to say of the experiment.",
            hint="Give --param, --tag, --notes, --notes-file, --remove-param or --remove-tag.",
        )
    changed = session.client.experiments.describe(
        registered(session, experiment),
        params={**params, **_removed(remove_param, params)},
        add_tags=tags,
        remove_tags=tuple(dict.fromkeys(remove_tag)),
        notes=notes,
    )
    show_experiment(session, changed)


@app.command
def complete(experiment: str, /, *, session: Use) -> None:
    """Say that no more data will come.

    Args:
        experiment: Its id, name or path.

    """
    show_experiment(session, session.client.experiments.complete(registered(session, experiment)))


@app.command
def fail(experiment: str, /, *, reason: str = "", session: Use) -> None:
    """Say that an experiment failed.

    Args:
        experiment: Its id, name or path.
        reason: Why.

    """
    named = registered(session, experiment)
    show_experiment(session, session.client.experiments.fail(named, reason=reason))


@app.command
def stop(experiment: str, /, *, reason: str = "", session: Use) -> None:
    """Say that an experiment was stopped before its end. No process is touched.

    Args:
        experiment: Its id, name or path.
        reason: Why.

    """
    named = registered(session, experiment)
    show_experiment(session, session.client.experiments.stop(named, reason=reason))


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


@app.command
def logdirs(*, session: Use) -> None:
    """List the directories where experiments are found, and which one scripts make new ones in."""
    show_logdirs(session, session.client.logdirs())


def _removed(keys: Sequence[str], given: Mapping[str, ParamValue]) -> Mapping[str, None]:
    for key in keys:
        if key in given:
            raise InvalidInputError(
                f"The parameter {key!r} is both given and removed.", hint="Do one of both."
            )
    return dict.fromkeys(keys)
