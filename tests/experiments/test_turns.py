"""Everybody else gets a turn as often as time says, however many items that are."""

import asyncio

import pytest

from tbgateway.experiments import turns


async def turns_of_others(items: int) -> int:
    """Return how often others came in between while so many items were gone through."""
    taken = 0

    async def take_turns() -> None:
        nonlocal taken
        while True:
            taken += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(take_turns())
    assert [item async for item in turns.in_turns(range(items))] == [*range(items)]
    others.cancel()
    return taken


async def test_few_items_that_take_long_let_others_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_TURN", 0.0)
    assert await turns_of_others(5) == 5


async def test_many_items_that_take_nothing_wait_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "_TURN", 3600.0)
    assert await turns_of_others(1000) == 0
