"""Why a board does not answer, as errors for people and programs."""

from collections.abc import Callable
from typing import Protocol

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    NotFoundError,
    TimedOutError,
    UnavailableError,
)
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board
from tbgateway.supervisor.status import BoardStatus


def refuse_if_down(board: Board | None, status: Callable[[], BoardStatus]) -> None:
    """Raise NotFoundError, BoardPausedError or BoardFailedError if visits cannot wake it."""
    if board is None:
        raise NotFoundError("The board was deleted.", command="tbgateway board list")
    if board.paused:
        raise BoardPausedError(
            f"The board {board.name!r} was stopped by somebody.",
            hint="Start it again.",
            command=f"tbgateway board start {board.name}",
        )
    seen = status()
    if seen.state is BoardState.FAILED:
        raise BoardFailedError(
            f"The board {board.name!r} failed: {seen.reason}.",
            hint="Look at its log, then start it again.",
            command=f"tbgateway board logs {board.name}",
        )


class Waits(Protocol):
    """A board that does not answer yet, as tbgateway.supervisor.board_reconciler knows it."""

    @property
    def shortage(self) -> str:
        """What this machine is short of, if that keeps the board down."""

    @property
    def lacks(self) -> str:
        """Why there is no room for it among the others, if there is none."""

    @property
    def status(self) -> BoardStatus:
        """What it does."""


def unanswered(name: str, board: Waits, seconds: float) -> UnavailableError | TimedOutError:
    """Return the error of a board that did not come up while somebody waited."""
    if board.shortage:
        return _short(name, board.shortage)
    if board.lacks:
        return _no_room(name, board.lacks)
    return _not_ready(seconds, board.status.reason)


def _no_room(name: str, lacks: str) -> UnavailableError:
    """Return the error of a board that may not start while others run."""
    return UnavailableError(
        f"There is no room for the board {name!r}: {lacks}.",
        hint="Boards that nobody looks at make room by themselves; try again in a moment.",
        retry_after=5.0,
    )


def _short(name: str, of: str) -> UnavailableError:
    """Return the error of a board that cannot start for want of something on this machine."""
    return UnavailableError(
        f"The board {name!r} cannot start now, the machine is short: {of}.",
        hint="It starts as soon as there is enough again; boards that run go on.",
        retry_after=2.0,
    )


def _not_ready(seconds: float, doing: str) -> TimedOutError:
    """Return the error of a board that takes longer than people wait."""
    return TimedOutError(
        f"The board was not ready after {seconds:g} s: {doing}.",
        hint="It goes on starting; try again in a moment.",
        retry_after=2.0,
    )
