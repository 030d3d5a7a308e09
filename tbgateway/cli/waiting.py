"""Waiting until a board's experiments are where they shall be."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from tbgateway.cli.session import Session
from tbgateway.client import Board
from tbgateway.client.boards import Until
from tbgateway.domain.errors import BoardFailedError, TbgatewayError
from tbgateway.domain.lifecycle import BoardState

_PATIENCE: dict[str, float | None] = {"visible": 300.0, "added": None}
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

    wait: Annotated[Until | None, Parameter(requires_equals=True)] = None
    timeout: float | None = None

    def patiently(self, session: Session, board: Board) -> Board:
        """Return the board when it is as far as asked.

        Raise TimedOutError, BoardFailedError, BoardPausedError, or an error that names the
        experiments that cannot be shown.
        """
        if self.wait is None:
            return board
        limit = _PATIENCE[self.wait] if self.timeout is None else self.timeout
        reached = session.client.boards.wait(board.id, self.wait, timeout=limit)
        if reached.state == BoardState.FAILED:
            raise BoardFailedError(
                f"The board {reached.name!r} failed: {reached.reason}.",
                hint=f"See: tbgateway board logs {reached.name}",
            )
        problems = [f"{one.name}: {one.problem}" for one in reached.experiments if one.problem]
        if problems:
            raise TbgatewayError(
                f"Not every experiment can be shown. {'; '.join(problems)}",
                hint=f"See: tbgateway board show {reached.name}",
            )
        return reached


Waiting = Annotated[_Patience, Parameter(name="*")]
NO_WAITING = _Patience()
