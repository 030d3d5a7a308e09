"""Work beside the requests, for as long as the gateway runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

import structlog

log = structlog.get_logger(__name__)


@asynccontextmanager
async def background(*jobs: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Run jobs beside the block; one that fails ends the block, the block's end cancels them."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
    except ExceptionGroup as errors:
        # What is told to people knows no groups: most often this is the block's own error.
        raise (errors if len(errors.exceptions) > 1 else errors.exceptions[0]) from None


async def every(
    seconds: Callable[[], float],
    work: Callable[[], Awaitable[None]],
    done_once: asyncio.Event | None = None,
) -> None:
    """Do `work` again after so many seconds, and again; a failure is logged and does not end it."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("background work failed", work=getattr(work, "__qualname__", repr(work)))
        if done_once is not None:
            done_once.set()
        await asyncio.sleep(seconds())
