"""Threads in which logdirs are looked at: where a mount hangs, nothing but these hangs with it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class LogdirThreads:
    """Runs at most `count` calls at a time, each in a thread that nobody waits for at exit.

    The pools of the standard library join their threads when the interpreter exits: one call on
    a dead network mount would keep the process for ever. Threads of the shared pool would run out.
    """

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)

    @property
    def busy(self) -> bool:
        """Whether a further call would have to wait."""
        return self._free.locked()

    async def run(self, call: Callable[[], T]) -> T:
        """Return what `call` returns. Cancelled, it lets the thread go on in its place."""
        await self._free.acquire()
        future: Future[T] = Future()
        thread = threading.Thread(
            target=_fulfil, args=(future, call), name="tbgateway-logdir", daemon=True
        )
        try:
            thread.start()
        except BaseException:
            self._free.release()
            raise
        done = asyncio.wrap_future(future)
        done.add_done_callback(lambda _: self._free.release())
        return await asyncio.shield(done)


def _fulfil(future: Future[T], call: Callable[[], T]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
        future.set_exception(error)
