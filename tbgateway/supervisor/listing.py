"""Asking a board's TensorBoard which runs it lists, and how soon again."""

import asyncio
from collections.abc import Callable

from tbgateway.supervisor.visibility import listed_runs
from tbgateway.upstream import Upstream

_SOON = 0.25  # seconds between looks while TensorBoard takes up a change (it reloads every 1 s)
_LATER = 5.0  # seconds between looks for an experiment that has no readable events yet
_FOLLOWED = 15.0  # seconds that a change is looked for soon again
_GLANCE = 0.1  # seconds a worker waits for TensorBoard's answer; a slower one is looked at later
_BREATH = 0.1  # seconds for those who waited for a process, before it is asked what it lists


class Listing:
    """One question at a time. An answer to what was asked before a change tells nothing of it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asking: asyncio.Task[frozenset[str] | None] | None = None
        self._soon_until = self._ask_from = 0.0

    @property
    def wait(self) -> float:
        """In how many seconds to ask (again)."""
        now = self._clock()
        if now < self._ask_from:
            return self._ask_from - now
        return _SOON if now < self._soon_until else _LATER

    def begin(self) -> None:
        """Have a new process asked, in a moment."""
        self._ask_from = self._clock() + _BREATH
        self.ask_anew()

    def ask_anew(self) -> None:
        """Look for a change: soon, and then seldom."""
        self._soon_until = self._clock() + _FOLLOWED
        self.drop()

    def drop(self) -> None:
        """Wait for no answer any more."""
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()

    async def ask(self, upstream: Upstream) -> frozenset[str] | None:
        """Ask, or look whether what was asked before is answered by now; None if it is not."""
        if self._clock() < self._ask_from:
            return None
        if self._asking is None:
            # A task, because hung boards must not keep the workers from all others.
            self._asking = asyncio.create_task(listed_runs(upstream))  # noqa: TID251 - its result is taken below, or it is cancelled
            await asyncio.wait({self._asking}, timeout=_GLANCE)
        asking = self._asking
        if asking is None or not asking.done():
            return None
        self._asking = None
        return asking.result()
