"""A deduplicating queue of keys: put often, worked on once, and never twice at a time.

Level-triggered: the key says *which* board to look at, never what happened to it. A key put while
it is being worked on is handed out again afterwards.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")


class WorkQueue(Generic[K]):
    """Keys waiting to be worked on; `put_after` keeps the earliest of several delays.

    Keys that are `pressing` when they are put go before all others, also before those that have
    been waiting.
    """

    def __init__(self, pressing: Callable[[K], bool] = lambda _: False) -> None:
        self._is_pressing = pressing
        self._pressing: OrderedDict[K, None] = OrderedDict()
        self._waiting: OrderedDict[K, None] = OrderedDict()
        self._working: set[K] = set()
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._ready = asyncio.Semaphore(0)  # as many as there are keys to be taken

    def __repr__(self) -> str:
        """Tell what is waiting, worked on and due later."""
        waiting = len(self._pressing) + len(self._waiting)
        return (
            f"<WorkQueue waiting={waiting} working={len(self._working)} later={len(self._timers)}>"
        )

    def put(self, key: K) -> None:
        """Have `key` worked on as soon as possible."""
        self._cancel_timer(key)
        if key in self._working:
            self._again.add(key)
        elif key not in self._pressing:
            self._line_up(key)

    def put_after(self, key: K, delay: float) -> None:
        """Have `key` worked on in `delay` seconds, or earlier if that was asked before."""
        due = asyncio.get_running_loop().time() + max(delay, 0.0)
        timer = self._timers.get(key)
        if timer is not None and timer.when() <= due:
            return
        self._cancel_timer(key)
        self._timers[key] = asyncio.get_running_loop().call_at(due, self.put, key)

    def close(self) -> None:
        """Cancel every delayed put."""
        for key in list(self._timers):
            self._cancel_timer(key)

    async def work(self, handle: Callable[[K], Awaitable[None]]) -> None:
        """Hand out keys to `handle`, one at a time, for ever."""
        while True:
            key = await self._take()
            try:
                await handle(key)
            finally:
                self._done(key)

    def _line_up(self, key: K) -> None:
        if key not in self._waiting:
            self._ready.release()  # wakes one worker only
        if self._is_pressing(key):
            self._waiting.pop(key, None)
            self._pressing[key] = None
        else:
            self._waiting.setdefault(key)

    async def _take(self) -> K:
        await self._ready.acquire()
        key, _ = (self._pressing or self._waiting).popitem(last=False)
        self._working.add(key)
        return key

    def _done(self, key: K) -> None:
        self._working.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.put(key)

    def _cancel_timer(self, key: K) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
