import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from tbgateway.telemetry.processes import Family, ProcessMetrics

PARENT = """
import subprocess, sys, time
while time.process_time() < 0.1:  # the kernel tells CPU time in hundredths
    pass
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=sys.stdin)
print("ready", flush=True)
child.wait()
"""


@pytest.fixture
def board() -> Iterator[subprocess.Popen[bytes]]:
    """A process with a child, as a board has its data server."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.communicate(b"\n")


async def sample(metrics: ProcessMetrics, name: str, role: str) -> float | None:
    await metrics.refresh()
    registry = CollectorRegistry()
    registry.register(metrics)
    return registry.get_sample_value(f"tbgateway_{name}", {"role": role})


async def test_boards_are_counted_with_their_children(board: subprocess.Popen[bytes]) -> None:
    family = Family(boards=frozenset({board.pid}), roots=frozenset({board.pid}))
    metrics = ProcessMetrics(lambda: family)
    assert await sample(metrics, "processes", "boards") == 2
    assert await sample(metrics, "processes", "gateway") == 1
    assert await sample(metrics, "processes", "forkserver") is None
    resident = await sample(metrics, "process_resident_memory_bytes", "boards")
    proportional = await sample(metrics, "process_proportional_memory_bytes", "boards")
    assert resident is not None
    assert proportional is not None
    assert resident > proportional > 1_000_000


async def test_what_makes_boards_and_is_none_is_the_forkserver(
    board: subprocess.Popen[bytes],
) -> None:
    metrics = ProcessMetrics(lambda: Family(boards=frozenset(), roots=frozenset({board.pid})))
    assert await sample(metrics, "processes", "forkserver") == 1


async def test_what_reads_scalars_has_a_role_of_its_own(board: subprocess.Popen[bytes]) -> None:
    family = Family(frozenset(), frozenset(), readers=frozenset({board.pid}))
    assert await sample(ProcessMetrics(lambda: family), "processes", "reader") == 1


async def test_cpu_time_of_processes_that_ended_stays_counted(
    board: subprocess.Popen[bytes],
) -> None:
    alive = Family(boards=frozenset({board.pid}), roots=frozenset())
    families = [alive, Family(boards=frozenset(), roots=frozenset())]
    metrics = ProcessMetrics(lambda: families.pop(0))
    before = await sample(metrics, "process_cpu_seconds_total", "boards")
    after = await sample(metrics, "process_cpu_seconds_total", "boards")
    assert before is not None
    assert after == before > 0.0


async def test_processes_that_are_gone_do_no_harm() -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    metrics = ProcessMetrics(
        lambda: Family(boards=frozenset({gone.pid}), roots=frozenset({gone.pid}))
    )
    assert await sample(metrics, "processes", "gateway") == 1
    assert await sample(metrics, "processes", "boards") is None
