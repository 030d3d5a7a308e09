"""Waiting for something about a board to change, without polling."""

import asyncio
from collections.abc import Callable

from tbgateway.domain.names import BoardId


class Signals:
    """One event per board somebody waits for; a signal wakes all of them once."""

    def __init__(self) -> None:
        self._events: dict[BoardId, asyncio.Event] = {}

    def notify(self, board_id: BoardId) -> None:
        """Wake everybody who waits for the board."""
        event = self._events.pop(board_id, None)
        if event is not None:
            event.set()

    async def until(
        self, board_id: BoardId, reached: Callable[[], bool], *, seconds: float
    ) -> bool:
        """Wait until `reached()` is true, at most `seconds`; return whether it is."""
        try:
            async with asyncio.timeout(seconds):
                while not reached():
                    event = self._events.setdefault(board_id, asyncio.Event())
                    await event.wait()
        except TimeoutError:
            return reached()
        return True
