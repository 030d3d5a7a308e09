import asyncio
import time

from tbgateway.telemetry.loop_lag import watch_loop_lag


async def test_whatever_blocks_the_loop_is_told() -> None:
    lags: list[float] = []
    watching = asyncio.ensure_future(watch_loop_lag(lags.append, every=0.01))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - blocking the loop is what this is about
    async with asyncio.timeout(30):
        while not lags:
            await asyncio.sleep(0.01)
    watching.cancel()
    assert lags[0] > 0.1
