import asyncio

from tbgateway.domain.names import BoardId
from tbgateway.supervisor.signals import Signals

BOARD = BoardId("tb0000000001")


async def test_a_waiter_returns_when_what_it_waits_for_is_reached() -> None:
    signals = Signals()
    reached = False
    waiting = asyncio.ensure_future(signals.until(BOARD, lambda: reached, seconds=30))
    await asyncio.sleep(0)
    signals.notify(BOARD)
    await asyncio.sleep(0)
    assert not waiting.done()
    reached = True
    signals.notify(BOARD)
    assert await waiting


async def test_waiting_ends_with_the_time_and_says_what_was_reached() -> None:
    assert not await Signals().until(BOARD, lambda: False, seconds=0.01)


async def test_what_is_reached_already_is_not_waited_for() -> None:
    assert await Signals().until(BOARD, lambda: True, seconds=0)
