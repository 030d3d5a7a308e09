"""How late the event loop is: whatever blocks it makes everybody wait."""

import asyncio
from collections.abc import Callable


async def watch_loop_lag(tell: Callable[[float], None], *, every: float = 1.0) -> None:
    """Tell again and again, by how many seconds the loop woke this too late."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every
        await asyncio.sleep(every)
        tell(max(0.0, loop.time() - due))
