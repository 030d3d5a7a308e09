"""Doing the same to thousands of things, while everybody else gets a turn."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

from tbgateway.controlplane.loop_share import LoopShare

_AT_A_TIME = 500  # a millisecond or so

T = TypeVar("T")
R = TypeVar("R")


async def in_turns(
    share: LoopShare,
    items: Sequence[T],
    work: Callable[[Sequence[T]], Iterable[R]],
    at_a_time: int = _AT_A_TIME,
) -> list[R]:
    """Return what `work` makes of all items, of which it gets some at a time."""
    results: list[R] = []
    for begin in range(0, len(items), at_a_time):
        part = items[begin : begin + at_a_time]
        results += await share.take(partial(_worked, work, part))
    return results


async def in_order(
    share: LoopShare, items: Sequence[T], keys: Sequence[Any], *, backwards: bool
) -> tuple[T, ...]:
    """Return the items sorted by their keys; those with the same one stay as they are."""
    sort = partial(sorted, range(len(items)), key=keys.__getitem__, reverse=backwards)
    return tuple(items[place] for place in await share.take(sort))


def _worked(work: Callable[[Sequence[T]], Iterable[R]], part: Sequence[T]) -> list[R]:
    return list(work(part))
