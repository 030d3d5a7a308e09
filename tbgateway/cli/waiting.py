"""Waiting until a board's experiments are where they shall be."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter

from tbgateway.cli.phases import telling
from tbgateway.cli.session import Session
from tbgateway.client import Board
from tbgateway.client.boards import Until
from tbgateway.domain.errors import BoardFailedError, InvalidInputError, TbgatewayError
from tbgateway.domain.lifecycle import BoardState

_PATIENCE: dict[str, float | None] = {"visible": 300.0, "added": None, "removed": 300.0}
"""Seconds to wait if nobody says it; an experiment may run for days."""


@dataclass(frozen=True, kw_only=True)
class _Patience:
    """Whether and how long to wait.

    Args:
        wait: Return when TensorBoard shows the experiments (--wait), or when they have finished
            (--wait=added).
        timeout: Give up after this many seconds, with exit code 7. Without it --wait takes 300 at
            most, and --wait=added as long as it takes.

    """

    wait: Annotated[Literal["visible", "added"] | None, Parameter(requires_equals=True)] = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse a time nobody can wait before anything is changed."""
        if self.timeout is not None and not (0 <= self.timeout < math.inf):
            raise InvalidInputError(
                f"{self.timeout:g} s is no time to wait.",
                hint="--timeout takes seconds, 0 or more.",
            )

    def patiently(self, session: Session, board: Board) -> Board:
        """Return the board when it is as far as asked.

        Raise TimedOutError, BoardFailedError, BoardPausedError, or an error that names the
        experiments that cannot be shown.
        """
        if self.wait is None:
            return board
        reached = self._reached(session, board, self.wait)
        if reached.state == BoardState.FAILED:
            raise BoardFailedError(
                f"The board {reached.name!r} failed: {reached.reason}.",
                hint="Read its log, mend the cause, start it again.",
                command=f"tbgateway board logs {reached.name}",
            )
        hidden = (one for one in reached.experiments if one.problem and not one.visible)
        problems = [f"{one.name}: {one.problem}" for one in hidden]
        if problems:
            raise TbgatewayError(
                f"Not every experiment can be shown. {'; '.join(problems)}",
                hint="Mend them, or take them from the board.",
                command=f"tbgateway board show {reached.name}",
            )
        return reached

    def until_removed(self, session: Session, board: Board) -> Board:
        """Return the board when TensorBoard has dropped what was removed, if that was asked."""
        return board if self.wait is None else self._reached(session, board, "removed")

    def _reached(self, session: Session, board: Board, until: Until) -> Board:
        limit = _PATIENCE[until] if self.timeout is None else self.timeout
        with telling(session) as tell:
            if tell is not None:
                tell(board)
            reached = session.client.boards.wait(board.id, until, timeout=limit, tell=tell)
            if tell is not None:
                tell(reached)
            return reached


Waiting = Annotated[_Patience, Parameter(name="*")]
NO_WAITING = _Patience()
