import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tbgateway.domain.names import BoardId
from tbgateway.telemetry.resources import INTERVAL, LONGEST_KEPT, Resources

VISION, AUDIO = BoardId("tb0000000001"), BoardId("tb0000000002")
PARENT = """
import subprocess, sys
busy = "kept = b'x' * 50_000_000; sum(range(30_000_000)); print('done', flush=True); input()"
child = subprocess.Popen([sys.executable, "-c", busy], stdin=sys.stdin)
child.wait()
"""


@pytest.fixture
def process() -> Iterator[int]:
    """A process whose child used some CPU and memory, as a board's data server does."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate(b"\n")


class Machine:
    """Which processes the boards have, and what time it is."""

    def __init__(self) -> None:
        self.heads: dict[BoardId, set[int]] = {}
        self.time = 1_795_420_800.0
        self.resources = Resources(lambda: self.heads, clock=lambda: self.time)

    async def sample(self, times: int = 1) -> None:
        for _ in range(times):
            await self.resources.sample()
            self.time += INTERVAL


async def test_a_board_is_measured_with_its_children(process: int) -> None:
    machine = Machine()
    machine.heads = {VISION: {process}}
    await machine.sample()

    (sample,) = machine.resources.of(VISION)
    assert machine.resources.now(VISION) == sample
    assert sample.at == machine.time - INTERVAL
    assert sample.cpu > 0.01
    assert 50_000_000 < sample.memory < 500_000_000


async def test_a_sleeping_board_has_no_figures_and_the_old_ones_stay(process: int) -> None:
    machine = Machine()
    machine.heads = {VISION: {process}}
    await machine.sample(2)
    machine.heads = {}
    await machine.sample(2)

    assert machine.resources.now(VISION) is None
    assert len(machine.resources.of(VISION)) == 2
    assert (machine.resources.of(AUDIO), machine.resources.now(AUDIO)) == ((), None)


async def test_figures_are_kept_for_an_hour(process: int) -> None:
    machine = Machine()
    machine.heads = {VISION: {process}}
    await machine.sample(int(LONGEST_KEPT / INTERVAL) + 3)
    kept = machine.resources.of(VISION)
    assert len(kept) == LONGEST_KEPT / INTERVAL
    assert [one.at for one in kept] == sorted(one.at for one in kept)

    machine.heads = {}
    machine.time += LONGEST_KEPT - INTERVAL
    await machine.sample()
    assert len(machine.resources.of(VISION)) <= 1
    await machine.sample()
    assert machine.resources.of(VISION) == ()
    assert repr(machine.resources) == "<Resources of 0 boards, 0 awake>"


async def test_a_process_that_is_gone_does_no_harm(process: int) -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    machine = Machine()
    machine.heads = {VISION: {process}, AUDIO: {gone.pid}}
    await machine.sample()
    assert machine.resources.now(VISION) is not None
    assert machine.resources.of(AUDIO) == ()


async def test_memory_is_looked_at_between_the_samples(process: int) -> None:
    machine = Machine()
    assert await machine.resources.look(0) == {}
    machine.heads = {VISION: {process}}
    young = (await machine.resources.look(0))[VISION]
    assert young.cpu > 0.01
    assert machine.resources.now(VISION) is None, "it is no sample"
    await machine.sample()
    sampled = machine.resources.now(VISION)
    assert sampled is not None
    looked = (await machine.resources.look(2**60))[VISION]
    assert looked.cpu == sampled.cpu
    assert 50_000_000 < looked.memory < 500_000_000
