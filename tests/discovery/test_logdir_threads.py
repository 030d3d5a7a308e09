import asyncio
import subprocess
import sys
import threading

import pytest

from tbgateway.discovery import LogdirThreads

HANG_AND_END = """
import asyncio, threading
from tbgateway.discovery import LogdirThreads

async def main():
    asyncio.ensure_future(LogdirThreads(1).run(threading.Event().wait))
    await asyncio.sleep(0)

asyncio.run(main())
"""


async def test_what_a_call_returns_or_raises_is_passed_on() -> None:
    threads = LogdirThreads(1)
    assert await threads.run(threading.current_thread) is not threading.current_thread()
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    assert await threads.run(lambda: 7) == 7


async def test_no_more_run_than_may_even_if_nobody_waits_for_them_any_more() -> None:
    threads, release, second = LogdirThreads(1), threading.Event(), threading.Event()
    first = asyncio.ensure_future(threads.run(release.wait))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    waiting = asyncio.ensure_future(threads.run(second.set))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not second.is_set()
    release.set()
    await waiting
    assert second.is_set()


async def test_other_work_goes_on_while_all_of_them_hang() -> None:
    threads, release = LogdirThreads(2), threading.Event()
    hanging = [asyncio.ensure_future(threads.run(release.wait)) for _ in range(50)]
    assert await asyncio.to_thread(lambda: "done") == "done"
    release.set()
    await asyncio.gather(*hanging)


def test_a_call_that_hangs_does_not_keep_the_process() -> None:
    subprocess.run([sys.executable, "-c", HANG_AND_END], check=True, timeout=60)
