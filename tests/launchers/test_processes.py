"""Ending processes by pid and start time."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator

import pytest

from tbgateway.launchers.processes import end_process, is_over, send_signal
from tbgateway.worker import kernel

_DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    " print(1, flush=True); time.sleep(60)"
)


@pytest.fixture
async def sleeper() -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec("sleep", "60")
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_a_process_is_ended_gently(sleeper: asyncio.subprocess.Process) -> None:
    await end_process(sleeper.pid, kernel.started_at(sleeper.pid), grace=10)

    assert await sleeper.wait() == -signal.SIGTERM


async def test_without_grace_a_process_is_killed(sleeper: asyncio.subprocess.Process) -> None:
    await end_process(sleeper.pid, kernel.started_at(sleeper.pid), grace=0)

    assert await sleeper.wait() == -signal.SIGKILL


async def test_a_process_that_ignores_the_request_is_killed() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _DEAF, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()

    await end_process(process.pid, kernel.started_at(process.pid), grace=0.1)

    await process.communicate()
    assert process.returncode == -signal.SIGKILL


async def test_another_process_with_the_same_pid_is_left_alone(
    sleeper: asyncio.subprocess.Process,
) -> None:
    earlier = kernel.started_at(sleeper.pid) - 1
    assert is_over(sleeper.pid, earlier)

    send_signal(sleeper.pid, earlier, signal.SIGKILL)
    await end_process(sleeper.pid, earlier, grace=0)

    assert not is_over(sleeper.pid, earlier + 1)


async def test_a_pid_that_never_was_is_over() -> None:
    await end_process(0, 0, grace=0)

    assert is_over(0, 0)


async def test_a_process_that_nobody_has_taken_notice_of_is_over() -> None:
    process = await asyncio.create_subprocess_exec("sleep", "60")
    started = kernel.started_at(process.pid)
    process.kill()
    await process.wait()

    assert is_over(process.pid, started)


_SHORT_OF_DESCRIPTORS = """
import asyncio, os, resource, sys
from tbgateway.launchers.end_watch import EndWatch
from tbgateway.launchers.processes import end_process, is_over
from tbgateway.worker import kernel

pid, what = int(sys.argv[1]), sys.argv[2]

async def main():
    started = kernel.started_at(pid)
    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))
    ended = asyncio.Event()
    watch = EndWatch(pid, started, lambda code: ended.set())
    await asyncio.sleep(0.1)
    print(kernel.started_at(pid) == started, is_over(pid, started), ended.is_set())
    if what == "end":
        await end_process(pid, started, grace=0)
        await ended.wait()
        print(is_over(pid, started))
    watch.close()

asyncio.run(main())
"""


async def test_without_descriptors_a_living_process_is_known_watched_and_ended(
    sleeper: asyncio.subprocess.Process,
) -> None:
    for what, answers in (
        ("look", ["True", "False", "False"]),
        ("end", ["True", "False", "False", "True"]),
    ):
        other = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _SHORT_OF_DESCRIPTORS,
            str(sleeper.pid),
            what,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(other.communicate(), 60)
        assert said.decode().split() == answers
    assert await sleeper.wait() == -signal.SIGKILL
