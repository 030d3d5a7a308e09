"""Which boards take up room, as the budget sees them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tbgateway.domain.budget import Occupant
from tbgateway.domain.lifecycle import WITH_PROCESS, BoardState
from tbgateway.domain.names import BoardId
from tbgateway.supervisor.board_reconciler import BoardReconciler
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.weights import Weights


class Occupants:
    """Looks at the boards that are awake; `reconcilers` may change between two looks."""

    def __init__(
        self, means: Means, weights: Weights, reconcilers: Mapping[BoardId, BoardReconciler]
    ) -> None:
        self._means = means
        self._weights = weights
        self._reconcilers = reconcilers
        self._awaited = Counter[BoardId]()

    def list(self) -> list[Occupant]:
        """Return those that have a process, or will in a moment."""
        awake = self._reconcilers.values()
        return [self._occupant(one) for one in awake if one.state in WITH_PROCESS]

    @contextmanager
    def awaited(self, board_id: BoardId) -> Iterator[None]:
        """Note that a request waits for the board inside the block."""
        self._awaited[board_id] += 1
        try:
            yield
        finally:
            self._awaited[board_id] -= 1
            if not self._awaited[board_id]:
                del self._awaited[board_id]

    def _occupant(self, one: BoardReconciler) -> Occupant:
        upstream = one.upstream
        busy = upstream is None or upstream.in_flight > 0 or one.board_id in self._awaited
        return Occupant(
            board=one.board_id,
            memory=self._weights.of(one.board_id, one.launch_id),
            asked_at=one.visits.last_request,
            busy=busy,
            leaving=one.state is BoardState.STOPPING or one.visits.yielded,
            lasting=self._means.idle_timeout(one.board_id) <= 0,
        )
