import asyncio
from itertools import pairwise

import pytest

from tbgateway.controlplane.loop_share import LoopShare


async def work(share: LoopShare, name: str, done: list[str], times: int) -> None:
    for _ in range(times):
        await share.take(lambda: done.append(name))


async def others(done: list[str]) -> None:
    while True:
        done.append("others")
        await asyncio.sleep(0)


async def all_done(share: LoopShare, names: str, times: int) -> list[str]:
    done: list[str] = []
    somebody = asyncio.ensure_future(others(done))
    await asyncio.sleep(0)
    await asyncio.gather(*(work(share, name, done, times) for name in names))
    somebody.cancel()
    return done


async def test_others_come_between_two_pieces_of_much_work() -> None:
    done = await all_done(LoopShare(0.0), "abc", times=5)
    assert all("others" in pair for pair in pairwise(done))


async def test_whoever_has_much_to_do_waits_for_those_who_came_before() -> None:
    done = await all_done(LoopShare(0.0), "abc", times=5)
    assert "".join(one for one in done if one != "others") == "abc" * 5


async def test_little_work_waits_for_nobody() -> None:
    done = await all_done(LoopShare(3600.0), "abc", times=5)
    assert "aaaaabbbbbccccc" in "".join(done)


async def test_a_new_round_has_all_its_time_again() -> None:
    share = LoopShare(3600.0)
    await share.take(lambda: None)
    assert share._taken
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not share._taken


async def test_work_that_fails_takes_time_all_the_same() -> None:
    share = LoopShare(3600.0)
    with pytest.raises(ZeroDivisionError):
        await share.take(lambda: 1 // 0)
    assert share._taken


async def test_work_that_can_stop_is_told_what_is_left_of_the_round() -> None:
    share = LoopShare(3600.0)
    assert share.left == 3600.0
    await share.take(lambda: None)
    assert 0.0 < share.left < 3600.0
    share.seconds = 0.0
    assert share.left == 0.0
