"""What the supervisor tells about a board."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tbgateway.domain.lifecycle import WITH_PROCESS, BoardState
from tbgateway.domain.model import Board
from tbgateway.domain.names import ExperimentId


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStatus:
    """A snapshot: `visible` is None while no TensorBoard runs that could be asked.

    `problems` are those of single experiments on this board, of which the `flawed` ones are shown
    all the same; `notes` are the launcher's remarks, such as which loader runs. One that
    `lacks_room` starts as soon as others, or the rest of the machine, make some.
    """

    state: BoardState = BoardState.SLEEPING
    reason: str = ""
    log_tail: str = ""
    generation: int = 0
    visible: frozenset[ExperimentId] | None = None
    problems: Mapping[ExperimentId, str] = field(default_factory=dict)
    flawed: frozenset[ExperimentId] = frozenset()
    notes: tuple[str, ...] = ()
    lacks_room: bool = False


ASLEEP = BoardStatus()


def told_state(state: BoardState, board: Board | None) -> BoardState:
    """Return the state to tell: without a process a board is paused as long as its record is."""
    if board is None or state in WITH_PROCESS:
        return state
    if board.paused:
        return BoardState.PAUSED
    return BoardState.SLEEPING if state is BoardState.PAUSED else state
