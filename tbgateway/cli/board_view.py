"""How boards are printed."""

from collections.abc import Sequence

from tbgateway.cli.idle import idle_words
from tbgateway.cli.session import Session
from tbgateway.cli.words import ago
from tbgateway.client import Board, Membership
from tbgateway.client.decoding import encode
from tbgateway.domain.memory import decimal

_HEADS = ("NAME", "STATE", "EXPERIMENTS", "ADDING", "ACCESS", "OWNER", "LAST VISITED", "URL")
_WIDE_HEADS = ("MEMORY", "CPU")
_MEMBERSHIP_HEADS = ("EXPERIMENT", "ID", "STATE", "VISIBLE", "PROBLEM")
_VISIBLE = {True: "yes", False: "not yet", None: "-"}


def show_boards(session: Session, boards: Sequence[Board]) -> None:
    """Print a list of boards."""
    if session.json:
        session.terminal.result(boards)
    elif boards:
        _table(session, boards)
    else:
        session.terminal.remark(
            "There are no boards yet. Make one: tbgateway board create NAME -e EXPERIMENT"
        )


def _table(session: Session, boards: Sequence[Board]) -> None:
    if session.wide:
        # Before the URL: on a narrow screen the last columns are left out.
        heads = (*_HEADS[:-1], *_WIDE_HEADS, _HEADS[-1])
        rows = [(*_row(board)[:-1], *_used(board), board.url) for board in boards]
        session.terminal.table(heads, rows)
    else:
        session.terminal.table(_HEADS, [_row(board) for board in boards])


def _used(board: Board) -> tuple[str, str]:
    if board.memory is None or board.cpu is None:
        return "-", "-"
    return decimal(board.memory), f"{board.cpu * 100:.1f} %"


def show_board(session: Session, board: Board, password: str | None = None) -> None:
    """Print a board; `password` is one that was just generated."""
    terminal = session.terminal
    if session.json:
        shown = encode(board)
        assert isinstance(shown, dict)  # noqa: S101 - a dataclass becomes an object
        terminal.result(shown if password is None else {**shown, "password": password})
        return
    terminal.record(_fields(board, password))
    if board.log:
        terminal.say("")
        terminal.text(board.log)
    if board.experiments:
        terminal.say("")
        terminal.table(_MEMBERSHIP_HEADS, [_membership_row(one) for one in board.experiments])
    else:
        terminal.remark(f"It is empty. Fill it: tbgateway board add {board.name} EXPERIMENT")


def _fields(board: Board, password: str | None) -> dict[str, str | None]:
    return {
        "name": board.name,
        "id": board.id,
        "url": board.url,
        "state": f"{board.state} ({board.reason})" if board.reason else board.state,
        "access": board.access,
        "owner": board.owner,
        "username": board.username,
        "password": None if password is None else f"{password}  (shown this once)",
        "last visited": ago(board.last_visited_at),
        "sleeps after": idle_words(board.idle_timeout),
        "uses": "" if board.memory is None else "{} of memory, {} of a core".format(*_used(board)),
        "notes": "; ".join(board.notes),
    }


def _row(board: Board) -> tuple[str, ...]:
    adding = sum(one.state == "adding" for one in board.experiments)
    return (
        board.name,
        board.state,
        str(len(board.experiments)),
        str(adding),
        board.access,
        board.owner,
        ago(board.last_visited_at),
        board.url,
    )


def _membership_row(membership: Membership) -> tuple[str, ...]:
    leaving = membership.state == "removing"
    return (
        membership.name,
        membership.id,
        membership.state,
        "no" if leaving and not membership.visible else _VISIBLE[membership.visible],
        membership.problem or "",
    )
