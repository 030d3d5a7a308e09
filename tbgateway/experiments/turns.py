"""Going through thousands of things while everybody else gets a turn."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

_AT_A_TIME = 200  # a millisecond or so

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """Yield the items; now and then others come in between."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % _AT_A_TIME == 0:
            await asyncio.sleep(0)
