"""Board processes in control groups of their own, real ones and such as look like it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from cgroup_tree import CgroupTree, proc_inside, real_group

from tbgateway.launchers.board_groups import BoardGroups
from tbgateway.launchers.launcher import Exited

pytestmark = pytest.mark.slow


@pytest.fixture
def real() -> Iterator[Path]:
    with real_group() as group:
        yield group


@pytest.mark.parametrize("kind", ["forkserver", "exec"])
async def test_all_processes_of_a_board_are_in_its_group_and_end_with_it(
    kind: str, make_bench: Any, real: Path, tmp_path: Path
) -> None:
    bench = await make_bench(kind, groups=BoardGroups(proc_inside(real, tmp_path)))
    handle = await bench.start(memory=400 * 1024**2)
    group = real / "boards" / handle.launch_id
    board = psutil.Process(handle.pid)

    inside = set(map(int, (group / "cgroup.procs").read_text().split()))

    assert inside == {board.pid, *(one.pid for one in board.children(recursive=True))}
    assert len(inside) == 2  # TensorBoard and its data server
    await bench.launcher.stop(handle, grace=3.0)
    assert not group.exists()


async def test_a_board_that_the_kernel_ended_for_its_memory_says_so_and_stays_down(
    make_bench: Any, tmp_path: Path
) -> None:
    tree = CgroupTree(tmp_path)
    bench = await make_bench("forkserver", groups=BoardGroups(tree.proc))
    handle = await bench.start(memory=400 * 1024**2)
    group = tree.own / "boards" / handle.launch_id
    assert (group / "cgroup.procs").read_text() == "0"

    (group / "memory.events").write_text("oom 1\noom_kill 2\n")
    os.kill(handle.pid, signal.SIGKILL)

    seen = await bench.until(handle, lambda observation: isinstance(observation, Exited))
    assert seen.final
    assert seen.code == -signal.SIGKILL
    assert seen.reason.startswith("over its memory limit (500 MiB of 400 MiB)")


class Vanishing(BoardGroups):
    """Groups that somebody removes before the board can enter."""

    def make(self, name: str, memory: int) -> str:
        return f"/sys/fs/cgroup/none/{name}/{memory}"


async def test_a_board_runs_without_its_group_and_notes_it(make_bench: Any) -> None:
    bench = await make_bench("forkserver", groups=Vanishing())

    handle = await bench.start()

    notes = (await bench.launcher.observe())[handle.launch_id].notes
    assert "not limited by the kernel: its control group: No such file or directory" in notes
