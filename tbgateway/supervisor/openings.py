"""How long boards take to open, from the start of a process to its first answer."""

import time
from collections.abc import Callable

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId


class Openings:
    """Remembers each board's last opening; to be told whenever a board's state may be another."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: dict[BoardId, float] = {}
        self._took: dict[BoardId, float] = {}

    def __repr__(self) -> str:
        """Tell how many go on."""
        return f"<Openings {len(self._began)} go on, {len(self._took)} are known>"

    def saw(self, board_id: BoardId, state: BoardState | None) -> None:
        """Note the board's state; None if it was deleted."""
        match state:
            case BoardState.STARTING:
                self._began.setdefault(board_id, self._clock())
                return
            case BoardState.RUNNING if board_id in self._began:
                self._took[board_id] = self._clock() - self._began[board_id]
            case None:
                self._took.pop(board_id, None)
        self._began.pop(board_id, None)

    def took(self, board_id: BoardId) -> float | None:
        """Return how many seconds the last one took; None if this gateway has seen none."""
        return self._took.get(board_id)

    def lasts(self, board_id: BoardId) -> float:
        """Return for how many seconds one goes on, or 0."""
        began = self._began.get(board_id)
        return 0.0 if began is None else self._clock() - began
