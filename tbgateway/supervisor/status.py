"""What the supervisor tells about a board."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import ExperimentId


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardStatus:
    """A snapshot: `visible` is None while no TensorBoard runs that could be asked.

    `problems` are those of single experiments on this board, of which the `flawed` ones are shown
    all the same; `notes` are the launcher's remarks, such as which loader runs. One that
    `lacks_room` starts as soon as others make some.
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
