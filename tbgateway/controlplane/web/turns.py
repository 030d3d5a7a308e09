"""Doing the same to thousands of things, while everybody else gets a turn."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TypeVar

from tbgateway.controlplane.loop_share import LoopShare

TURN = 0.005
"""Seconds of work on a page before everybody else gets a turn."""
_AT_A_TIME = 500  # a millisecond or so

T = TypeVar("T")
R = TypeVar("R")


async def in_turns(
    share: LoopShare, items: Sequence[T], work: Callable[[Sequence[T]], Iterable[R]]
) -> list[R]:
    """Return what `work` makes of all items, of which it gets some at a time."""
    results: list[R] = []
    for begin in range(0, len(items), _AT_A_TIME):
        part = items[begin : begin + _AT_A_TIME]
        results += await share.take(partial(_worked, work, part))
    return results


def _worked(work: Callable[[Sequence[T]], Iterable[R]], part: Sequence[T]) -> list[R]:
    return list(work(part))
