import asyncio

import pytest
from structlog.testing import capture_logs

from tbgateway.gateway.background import background, every


async def for_ever() -> None:
    await asyncio.Event().wait()


async def fail(error: Exception) -> None:
    raise error


async def run(*jobs: object, error: Exception | None = None) -> None:
    async with background(*jobs):  # type: ignore[arg-type] # coroutines
        if error is not None:
            raise error
        await for_ever()


async def test_the_end_of_the_block_ends_the_jobs_also_those_that_did_not_begin() -> None:
    async with background(for_ever(), for_ever()):
        assert len(asyncio.all_tasks()) == 3
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("error", [KeyError("a"), ExceptionGroup("two", [KeyError(), OSError()])])
async def test_the_blocks_own_error_comes_out_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        await run(for_ever(), error=error)
    assert raised.value is error
    assert len(asyncio.all_tasks()) == 1


async def test_a_job_that_fails_ends_the_block_and_the_other_jobs() -> None:
    with pytest.raises(OSError, match="broken"):
        await run(for_ever(), fail(OSError("broken")))
    assert len(asyncio.all_tasks()) == 1


async def test_several_errors_come_out_together() -> None:
    with pytest.raises(ExceptionGroup) as raised:
        await run(fail(OSError()), fail(KeyError()))
    assert {type(one) for one in raised.value.exceptions} == {OSError, KeyError}


async def test_who_is_cancelled_in_the_block_is_cancelled() -> None:
    task = asyncio.ensure_future(run(for_ever()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1


async def test_work_is_done_again_and_again_and_a_failure_is_logged_and_no_end() -> None:
    done, rounds = asyncio.Event(), 0

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise OSError("no such file")

    with capture_logs() as logs:
        async with background(every(lambda: 0.0, work, done)), asyncio.timeout(30):
            await done.wait()
            while rounds < 3:
                await asyncio.sleep(0)
    (entry,) = logs
    assert (entry["event"], entry["log_level"]) == ("background work failed", "error")
    assert entry["work"].endswith("work")
