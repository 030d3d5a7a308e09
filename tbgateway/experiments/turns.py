"""Going through thousands of things while everybody else gets a turn."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

_TURN = 0.005  # seconds: nobody notices a loop that is busy for so long

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """Yield the items; now and then others come in between."""
    begun = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - begun >= _TURN:
            await asyncio.sleep(0)
            begun = time.perf_counter()
