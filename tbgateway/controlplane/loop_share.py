"""The share of the event loop's time that what has much to do may take."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TURN = 0.005  # seconds: nobody notices a loop that is busy for so long


class LoopShare:
    """Lets work begin for `seconds` in a round of the loop; what is left takes the next rounds.

    However many have much to do at once, each gets its turn, and everybody else comes in between:
    as long as they have one share together.
    """

    def __init__(self, seconds: float = _TURN) -> None:
        self.seconds = seconds
        self._taken = 0.0
        self._turn = asyncio.Lock()  # it is fair: who came first is first

    @property
    def left(self) -> float:
        """Seconds of this round that nobody has taken yet: when work that can stop should stop."""
        return max(0.0, self.seconds - self._taken)

    async def take(self, work: Callable[[], T]) -> T:
        """Do a piece of work, which should take no longer than `seconds`, when there is time."""
        async with self._turn:
            if self._taken >= self.seconds:
                await asyncio.sleep(0)
            if not self._taken:
                asyncio.get_running_loop().call_soon(self._begin_round)
            return self._timed(work)

    def _timed(self, work: Callable[[], T]) -> T:
        began = time.perf_counter()
        try:
            return work()
        finally:
            self._taken += time.perf_counter() - began

    def _begin_round(self) -> None:
        self._taken = 0.0
