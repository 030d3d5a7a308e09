import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tbgateway.supervisor.work_queue import WorkQueue

Handle = Callable[[str], Awaitable[None]]


@asynccontextmanager
async def working(queue: WorkQueue[str], handle: Handle, workers: int = 2) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(queue.work(handle)) for _ in range(workers)]
    try:
        yield
        assert not any(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        queue.close()


async def test_a_key_put_many_times_is_worked_on_once() -> None:
    queue: WorkQueue[str] = WorkQueue()
    seen: list[str] = []

    async def handle(key: str) -> None:
        seen.append(key)

    for _ in range(100):
        queue.put("a")
    queue.put("b")
    async with working(queue, handle):
        await asyncio.sleep(0.01)
    assert sorted(seen) == ["a", "b"]


async def test_a_key_put_while_it_is_worked_on_is_worked_on_again_but_never_twice_at_a_time() -> (
    None
):
    queue: WorkQueue[str] = WorkQueue()
    release = asyncio.Event()
    at_once = most = rounds = 0

    async def handle(_: str) -> None:
        nonlocal at_once, most, rounds
        at_once += 1
        most = max(most, at_once)
        rounds += 1
        await release.wait()
        at_once -= 1

    async with working(queue, handle, workers=4):
        queue.put("a")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        queue.put("a")
        queue.put("a")
        release.set()
        await asyncio.sleep(0.01)
    assert (most, rounds) == (1, 2)


async def test_of_several_delays_the_earliest_counts_and_a_put_overtakes_them() -> None:
    queue: WorkQueue[str] = WorkQueue()
    done = asyncio.Event()

    async def handle(_: str) -> None:
        done.set()

    async with working(queue, handle):
        queue.put_after("a", 0.01)
        queue.put_after("a", 3600)
        async with asyncio.timeout(10):
            await done.wait()
        done.clear()
        queue.put_after("b", 3600)
        queue.put("b")
        async with asyncio.timeout(10):
            await done.wait()
        assert repr(queue) == "<WorkQueue waiting=0 working=0 later=0>"


async def test_what_is_pressing_goes_before_all_that_waits_and_keeps_its_own_order() -> None:
    pressing = {"x", "y", "c"}
    queue: WorkQueue[str] = WorkQueue(lambda key: key in pressing)
    seen: list[str] = []

    async def handle(key: str) -> None:
        seen.append(key)

    for key in "abcdxy":
        queue.put(key)
    pressing.add("b")
    queue.put("b")  # it waits already, and now it is pressing
    pressing.clear()
    queue.put("c")  # what was pressing when it was put keeps its place
    assert repr(queue) == "<WorkQueue waiting=6 working=0 later=0>"
    async with working(queue, handle, workers=1):
        await asyncio.sleep(0.01)
    assert "".join(seen) == "cxybad"


async def test_keys_are_handed_out_as_long_as_there_are_any_whichever_way_they_were_put() -> None:
    pressing: set[str] = set()
    queue: WorkQueue[str] = WorkQueue(lambda key: key in pressing)
    seen: list[str] = []

    async def handle(key: str) -> None:
        seen.append(key)
        if seen.count(key) == 1:
            queue.put(key)  # once more

    async with working(queue, handle, workers=8):
        for _ in range(2):
            await asyncio.sleep(0.01)  # all workers wait
            queue.put("a")
            queue.put("a")
            queue.put("b")
            pressing.add("b")
            queue.put("b")  # it moves, and is still one key
            pressing.clear()
        await asyncio.sleep(0.01)
    assert sorted(seen) == ["a", "a", "a", "b", "b", "b"]
    assert repr(queue) == "<WorkQueue waiting=0 working=0 later=0>"


async def test_a_delayed_key_is_pressing_if_it_is_when_it_is_due() -> None:
    pressing: set[str] = set()
    queue: WorkQueue[str] = WorkQueue(lambda key: key in pressing)
    seen: list[str] = []

    async def handle(key: str) -> None:
        seen.append(key)

    queue.put_after("late", 0.0)
    queue.put("early")
    pressing.add("late")
    await asyncio.sleep(0.01)
    async with working(queue, handle, workers=1):
        await asyncio.sleep(0.01)
    assert seen == ["late", "early"]


async def test_a_worker_survives_nothing_but_tells_what_broke() -> None:
    queue: WorkQueue[str] = WorkQueue()

    async def handle(_: str) -> None:
        raise RuntimeError("broken")

    queue.put("a")
    task = asyncio.ensure_future(queue.work(handle))
    await asyncio.wait([task])
    assert isinstance(task.exception(), RuntimeError)
    assert repr(queue) == "<WorkQueue waiting=0 working=0 later=0>"
