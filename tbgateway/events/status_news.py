"""What a board's changing status is news of."""

from collections.abc import Hashable

from tbgateway.domain.names import BoardId
from tbgateway.events.bus import Bus
from tbgateway.events.news import BoardChanged


class StatusNews:
    """Tells a bus when a board's status is another. To be called whenever it may be.

    `at_first` is the status of a board of which nothing was said yet.
    """

    def __init__(self, bus: Bus, at_first: Hashable) -> None:
        self._bus = bus
        self._at_first = at_first
        self._told: dict[BoardId, Hashable] = {}

    def __call__(self, board_id: BoardId, status: Hashable) -> None:
        """Publish the board if `status` is another than the last one; None ends its story."""
        if status is None:
            self._told.pop(board_id, None)
        elif self._told.get(board_id, self._at_first) != status:
            self._told[board_id] = status
            self._bus.publish(BoardChanged(board_id))
