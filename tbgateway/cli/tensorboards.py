"""tbgateway tensorboards: boards, by the commands and options of Gradient's client."""

from typing import Annotated

from cyclopts import App, Parameter

from tbgateway.cli.passwords import read_secret
from tbgateway.cli.references import references
from tbgateway.cli.session import Session, Use
from tbgateway.client.tensorboards import Tensorboard
from tbgateway.domain.errors import InvalidInputError

app = App(
    name="tensorboards",
    help="Boards, by the commands and options of Gradient's client. `board` can do more.",
)

_HEADS = ("ID", "URL", "STATE")
_EXPERIMENT_HEADS = ("EXPERIMENT ID", "STATE")
_SEEN_BY_OTHERS = (
    "others on this machine can read a password on a command line: use --password-stdin"
)

Experiments = Annotated[list[str], Parameter(name=["--experiment", "-e"])]
Id = Annotated[str, Parameter(name="--id")]


@app.command
def create(
    *,
    experiment: Experiments,
    image: str | None = None,
    username: str | None = None,
    password: str | None = None,
    password_stdin: bool = False,
    session: Use,
) -> None:
    """Make a board, which gets a name of its own.

    Args:
        experiment: An experiment's id, name or path; may be repeated.
        image: Kept and told again; it means nothing here.
        username: The name that visitors give, together with the password.
        password: The board's password; others on this machine can read it.
        password_stdin: Read the password from stdin: its first line, all of it but the newline.

    """
    named = references(experiment)
    secret = _secret(session, password, from_stdin=password_stdin)
    board = session.client.tensorboards.create(
        named, image=image, username=username, password=secret
    )
    if session.json:
        session.terminal.result(board)
        return
    session.terminal.say(f"Created new tensorboard with id: {board.id}")
    session.terminal.remark(board.url)


@app.command(name="list")
def list_(*, session: Use) -> None:
    """List the boards you may see."""
    boards = session.client.tensorboards.list()
    if session.json:
        session.terminal.result(boards)
    elif boards:
        session.terminal.table(_HEADS, [(one.id, one.url, one.state) for one in boards])
    else:
        session.terminal.remark("No data found")


@app.command
def details(*, id_: Id, session: Use) -> None:
    """Show a board and its experiments.

    Args:
        id_: The board's id or name.

    """
    _show(session, session.client.tensorboards.get(id_))


@app.command
def add_experiments(*, id_: Id, experiment: Experiments, session: Use) -> None:
    """Put experiments on a board.

    Args:
        id_: The board's id or name.
        experiment: An experiment's id, name or path; may be repeated.

    """
    named = references(experiment)
    _show(session, session.client.tensorboards.add_experiments(id_, named))


@app.command
def remove_experiments(*, id_: Id, experiment: Experiments, session: Use) -> None:
    """Take experiments from a board; their files are not touched.

    Args:
        id_: The board's id or name.
        experiment: An experiment's id, name or path; may be repeated.

    """
    named = references(experiment)
    _show(session, session.client.tensorboards.remove_experiments(id_, named))


@app.command
def delete(*, id_: Id, session: Use) -> None:
    """Delete a board; no event file is touched.

    Args:
        id_: The board's id or name.

    """
    session.client.tensorboards.delete(id_)
    if not session.json:
        session.terminal.say(f"Delete tensorboard ({id_}) ended with success")


def _secret(session: Session, password: str | None, *, from_stdin: bool) -> str | None:
    if password is not None and from_stdin:
        raise InvalidInputError(
            "A password needs one source.", hint="Give either --password-stdin or --password."
        )
    if password is not None:
        session.terminal.remark(_SEEN_BY_OTHERS)
    return read_secret("Password: ") if from_stdin else password


def _show(session: Session, board: Tensorboard) -> None:
    terminal = session.terminal
    if session.json:
        terminal.result(board)
        return
    terminal.record({"id": board.id, "image": board.image, "url": board.url, "state": board.state})
    if board.experiments:
        terminal.say("")
        rows = [(one.id, one.state) for one in board.experiments]
        terminal.table(_EXPERIMENT_HEADS, rows)
