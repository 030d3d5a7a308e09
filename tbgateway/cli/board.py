"""tbgateway board: boards."""

from typing import Annotated

from cyclopts import App, Parameter

from tbgateway.cli.board_view import show_board, show_boards
from tbgateway.cli.idle import Idle, idle_seconds
from tbgateway.cli.passwords import NO_PASSWORD, NewPassword
from tbgateway.cli.references import references
from tbgateway.cli.session import Session, Use
from tbgateway.cli.visits_view import show_visits
from tbgateway.cli.waiting import NO_WAITING, Waiting
from tbgateway.cli.watched import AllBoards, OneBoard
from tbgateway.cli.watching import Watch, follow
from tbgateway.client import Board
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Access

app = App(name="board", help="Boards: named sets of experiments, each with a URL of its own.")

Experiments = Annotated[list[str], Parameter(name=["--experiment", "-e"])]


@app.command
def create(
    name: str,
    /,
    *,
    experiment: Experiments = [],  # noqa: B006 - never changed; cyclopts shows it as empty
    username: str | None = None,
    password: NewPassword = NO_PASSWORD,
    access: Access | None = None,
    waiting: Waiting = NO_WAITING,
    open_: Annotated[bool, Parameter(name="--open")] = False,
    session: Use,
) -> None:
    """Make a board.

    Args:
        name: Lower-case letters, digits and hyphens.
        experiment: An experiment's id, name or path; may be repeated.
        username: The name that visitors give, together with the board's password.
        access: Who may look. Without it: password if there is a username, else members.
        open_: Open the board in the browser.

    """
    named = references(experiment)
    secret = password.password() if password.given else None
    board = session.client.boards.create(
        name, named, access=access, username=username, password=secret
    )
    try:
        board = waiting.patiently(session, board)
    finally:  # a generated password must be told whatever comes
        show_board(session, board, secret if password.generate_password else None)
    if open_:
        _open(board, session)


@app.command(name="list")
def list_(*, watch: Watch = False, session: Use) -> None:
    """List the boards you may see.

    Args:
        watch: Go on, and show every change, until Ctrl-C.

    """
    if watch:
        follow(session, AllBoards(session.client, show_boards))
    else:
        show_boards(session, session.client.boards.list())


@app.command
def show(name: str, /, *, watch: Watch = False, session: Use) -> None:
    """Show a board and its experiments.

    Args:
        name: The board's name or id.
        watch: Go on, and show every change, until Ctrl-C.

    """
    board = session.client.boards.show(name)
    if watch:
        follow(session, OneBoard(session.client, show_board, board), board=board.id)
    else:
        show_board(session, board)


@app.command
def add(name: str, /, *experiments: str, waiting: Waiting = NO_WAITING, session: Use) -> None:
    """Put experiments on a board.

    Args:
        name: The board's name or id.
        experiments: Ids, names or paths of experiments.

    """
    named = references(_some(experiments))
    board = session.client.boards.add(name, named)
    show_board(session, waiting.patiently(session, board))


@app.command
def remove(name: str, /, *experiments: str, waiting: Waiting = NO_WAITING, session: Use) -> None:
    """Take experiments from a board; their files are not touched.

    Args:
        name: The board's name or id.
        experiments: Ids, names or paths of experiments.

    """
    named = references(_some(experiments))
    board = session.client.boards.remove(name, named)
    show_board(session, waiting.until_removed(session, board))


@app.command
def rename(old: str, new: str, /, *, session: Use) -> None:
    """Rename a board. The old name stays reserved and leads to the new one.

    Args:
        old: The board's name or id.
        new: The name it shall have.

    """
    show_board(session, session.client.boards.rename(old, new))


@app.command
def delete(name: str, /, *names: str, session: Use) -> None:
    """Delete boards; no event file is touched.

    Args:
        name: The board's name or id.
        names: Further boards.

    """
    for each in (name, *names):
        session.client.boards.delete(each)
        session.terminal.remark(f"deleted {each}")


@app.command(name="open")
def open_(name: str, /, *, session: Use) -> None:
    """Open a board in the browser, and print its URL.

    Args:
        name: The board's name or id.

    """
    board = session.client.boards.show(name)
    _open(board, session)
    if session.json:
        session.terminal.result({"url": board.url})
    else:
        session.terminal.say(board.url)


@app.command
def logs(name: str, /, *, lines: int = 100, session: Use) -> None:
    """Print what a board's TensorBoard wrote last.

    Args:
        name: The board's name or id.
        lines: How many lines.

    """
    text = session.client.boards.log(name, lines=lines)
    if session.json:
        session.terminal.result({"lines": text.splitlines()})
    else:
        session.terminal.text(text)


@app.command
def set_password(
    name: str,
    /,
    *,
    username: str | None = None,
    password: NewPassword = NO_PASSWORD,
    session: Use,
) -> None:
    """Change a board's password, and its username if one is given. The old ones die at once.

    Args:
        name: The board's name or id.
        username: The name that visitors give, if it shall change.

    """
    secret = password.password()
    board = session.client.boards.set_password(name, secret, username=username)
    show_board(session, board, secret if password.generate_password else None)


@app.command
def set_access(
    name: str,
    access: Access,
    /,
    *,
    username: str | None = None,
    password: NewPassword = NO_PASSWORD,
    session: Use,
) -> None:
    """Say who may look at a board.

    Args:
        name: The board's name or id.
        access: password, members or public; the first needs a username and a password.
        username: The name that visitors give, together with the board's password.

    """
    secret = password.password() if password.given else None
    board = session.client.boards.set_access(name, access, username=username, password=secret)
    show_board(session, board, secret if password.generate_password else None)


@app.command
def set_idle(name: str, after: Idle, /, *, session: Use) -> None:
    """Say after how long without a look a board goes to sleep.

    Args:
        name: The board's name or id.
        after: Such as 45m or 12h, from a minute to 366 days; or never; or default, as the
            gateway's settings say.

    """
    show_board(session, session.client.boards.set_idle(name, idle_seconds(after)))


@app.command
def visits(name: str, /, *, session: Use) -> None:
    """List who looked at a board in the last 90 days, the last one first.

    Args:
        name: The board's name or id.

    """
    show_visits(session, name, session.client.boards.visits(name))


@app.command
def stop(name: str, /, *, session: Use) -> None:
    """Stop a board; visits do not wake it until it is started.

    Args:
        name: The board's name or id.

    """
    show_board(session, session.client.boards.stop(name))


@app.command
def start(name: str, /, *, waiting: Waiting = NO_WAITING, session: Use) -> None:
    """Start a board, also one that was stopped or that failed.

    Args:
        name: The board's name or id.

    """
    board = session.client.boards.start(name)
    show_board(session, waiting.patiently(session, board))


def _some(experiments: tuple[str, ...]) -> tuple[str, ...]:
    if experiments:
        return experiments
    raise InvalidInputError(
        "No experiment is named.", hint="Name at least one by its id, name or path."
    )


def _open(board: Board, session: Session) -> None:
    import webbrowser  # noqa: PLC0415 - seldom needed

    if not webbrowser.open(board.url):
        session.terminal.remark("no browser was found here")
