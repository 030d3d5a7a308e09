"""What a board is and does, in a reader's words."""

from tbgateway.controlplane.web.membership_list import Tally
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board
from tbgateway.rendering.contexts.board import BoardHead
from tbgateway.rendering.figures import moment
from tbgateway.supervisor.status import BoardStatus

_DOWN = frozenset({BoardState.SLEEPING, BoardState.FAILED})

_SENTENCES = {
    BoardState.SLEEPING: ("It wakes when somebody opens it.", ""),
    BoardState.PAUSED: ("Somebody stopped it: visits do not wake it.", ""),
    BoardState.FAILED: ("Its TensorBoard keeps ending: {}.", "the log says more"),
    BoardState.RESTARTING: ("Its TensorBoard ended, and is tried again: {}.", "in a moment"),
    BoardState.STARTING: ("On its way: {}.", "starting a process"),
    BoardState.STOPPING: ("On its way to sleep: {}.", "nobody is looking"),
}
"""What is said in each state, with the reason in it or something instead of one."""


def head_of(board: Board, status: BoardStatus, tally: Tally, now: float) -> BoardHead:
    """Return what is said of a board at `now` (Unix seconds)."""
    visited = board.last_visited_at
    return BoardHead(
        id=board.id,
        name=board.name,
        state=status.state,
        doing=doing(board, status, tally),
        notes=status.notes,
        starts=board.paused or status.state in _DOWN,
        stops=not board.paused,
        settled=_is_settled(board, status, tally),
        experiments=tally.experiments,
        adding=tally.adding,
        access=board.access,
        owner=board.owner,
        made=moment(board.created_at, now),
        last_visited=None if visited is None else moment(visited, now),
    )


def doing(board: Board, status: BoardStatus, tally: Tally) -> str:
    """Say what a board is busy with, or waits for."""
    if board.paused and status.state is not BoardState.PAUSED:
        return "Somebody stopped it: its TensorBoard ends."
    if status.state is BoardState.RUNNING:
        return _shown(tally)
    sentence, otherwise = _SENTENCES[status.state]
    return sentence.format(status.reason or otherwise)


def _is_settled(board: Board, status: BoardStatus, tally: Tally) -> bool:
    """Whether the board does what is wanted of it, for as long as nobody does anything."""
    if board.paused:
        return status.state is BoardState.PAUSED
    return status.state in _DOWN or (status.state is BoardState.RUNNING and not tally.waiting)


def _shown(tally: Tally) -> str:
    if not tally.experiments:
        return "No experiment is on it yet."
    if tally.visible == tally.experiments:
        one = tally.experiments == 1
        return "Its experiment can be seen." if one else "All its experiments can be seen."
    rest = "TensorBoard reads the others" if tally.waiting else "the others have a problem"
    return f"{tally.visible:,} of {tally.experiments:,} experiments can be seen; {rest}."
