"""A thread that nobody waits for longer than for so many seconds."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tbgateway.discovery.logdir_threads import LogdirThreads

T = TypeVar("T")


class PatientThread(LogdirThreads):
    """One thread, whose answers may come too late."""

    def __init__(self, patience: float) -> None:
        """Wait `patience` seconds for each answer."""
        super().__init__(1)
        self._patience = patience
        self._hangs = False

    async def ask(self, call: Callable[[], T]) -> T | None:
        """Return what `call` returns; None if that takes too long, or another still does."""
        if self._hangs and self.busy:
            return None
        try:
            async with asyncio.timeout(self._patience):
                answer = await self.run(call)
        except TimeoutError:  # the thread goes on
            self._hangs = True
            return None
        self._hangs = False
        return answer
