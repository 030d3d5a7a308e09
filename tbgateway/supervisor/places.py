"""The places that running boards take: whether there is another one, and who gives up theirs."""

from collections.abc import Callable, Sequence

import structlog

from tbgateway.domain.budget import Capacity, Limit, Occupant, Room, make_room
from tbgateway.domain.memory import binary
from tbgateway.domain.names import BoardId
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.weights import Weights

log = structlog.get_logger(__name__)

Occupants = Callable[[], Sequence[Occupant]]


class Places:
    """All boards share them. `occupants` tells who has one, `retire` sends a board to sleep."""

    def __init__(
        self,
        means: Means,
        weights: Weights,
        occupants: Occupants,
        retire: Callable[[BoardId], None],
    ) -> None:
        self._means = means
        self._weights = weights
        self._occupants = occupants
        self._retire = retire

    def lacks(self, board_id: BoardId) -> str:
        """Return why there is no room for a board now; an empty text if there is."""
        lacks = self._room(self._weights.at_start(board_id)).lacks
        return "" if lacks is None else self._words(lacks)

    def make_room(self, board_id: BoardId) -> None:
        """Have others sleep, so that there will be room for a board."""
        self._empty(self._room(self._weights.at_start(board_id)), wanted_by=board_id)

    def tidy(self) -> None:
        """Have boards sleep as long as all together take more than they may."""
        self._empty(self._room(None), wanted_by="")

    def _empty(self, room: Room, wanted_by: str) -> None:
        for board_id in room.sleep:
            log.info("a board sleeps to make room", board=board_id, wanted_by=wanted_by)
            self._retire(board_id)

    def _room(self, newcomer: int | None) -> Room:
        capacity = Capacity(
            most=self._means.settings.max_running, memory=self._means.memory_limits().budget
        )
        return make_room(self._occupants(), capacity, self._means.clock(), newcomer)

    def _words(self, lacks: Limit) -> str:
        if lacks is Limit.COUNT:
            most = self._means.settings.max_running
            return f"all {most} boards that may run at a time are in use (boards.{lacks})"
        budget = binary(self._means.memory_limits().budget)
        return f"the boards in use take all of the {budget} that they may (boards.{lacks})"
