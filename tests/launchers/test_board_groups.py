"""Control groups of boards: what is written for each, and what the kernel makes of it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cgroup_tree import CgroupTree, proc_inside, real_group

from tbgateway.launchers.board_group import BoardGroup
from tbgateway.launchers.board_groups import BoardGroups

MIB = 1024**2
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def tree(tmp_path: Path) -> CgroupTree:
    return CgroupTree(tmp_path)


@pytest.fixture
def groups(tree: CgroupTree) -> BoardGroups:
    groups = BoardGroups(tree.proc)
    groups.open()
    return groups


@pytest.fixture
def real() -> Iterator[Path]:
    with real_group() as group:
        yield group


def sleeper_in(group: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(SLEEP)
    (group / "cgroup.procs").write_text(str(process.pid))
    return process


@pytest.mark.usefixtures("groups")
def test_the_gateway_moves_out_of_the_way_and_comes_before_all_boards(tree: CgroupTree) -> None:
    assert tree.read("gateway/cgroup.procs") == str(os.getpid())
    assert tree.read("gateway/cpu.weight") == "1000"
    for group in (".", "boards"):
        assert tree.read(f"{group}/cgroup.subtree_control") == "+cpu +memory +pids"


def test_each_board_gets_its_limits(tree: CgroupTree, groups: BoardGroups) -> None:
    made = groups.make("tb0123456789.1", 400 * MIB)

    assert made == str(tree.own / "boards" / "tb0123456789.1")
    written = {path.name: path.read_text() for path in Path(made).iterdir()}
    assert written == {
        "memory.high": str(400 * MIB),
        "memory.max": str(500 * MIB),
        "memory.swap.max": "0",
        "memory.oom.group": "1",
        "cpu.weight": "100",
        "pids.max": "1024",
    }


def test_a_board_without_a_limit_has_none(groups: BoardGroups) -> None:
    made = Path(groups.make("tb0123456789.1", 0))

    assert (made / "memory.high").read_text() == (made / "memory.max").read_text() == "max"


def test_a_group_with_other_processes_is_left_alone(tree: CgroupTree) -> None:
    (tree.own / "cgroup.procs").write_text(f"1\n{os.getpid()}\n")
    groups = BoardGroups(tree.proc)
    groups.open()

    assert groups.make("tb0123456789.1", MIB) == ""
    assert sorted(path.name for path in tree.own.iterdir() if path.is_dir()) == []


def test_without_groups_everything_goes_without_saying(tmp_path: Path) -> None:
    groups = BoardGroups(tmp_path)
    groups.open()

    assert groups.make("tb0123456789.1", MIB) == ""
    assert groups.over_memory("tb0123456789.1") == ""
    groups.abandon("tb0123456789.1")
    groups.remove("tb0123456789.1")
    groups.close()


def test_the_kernels_end_of_a_board_for_its_memory_is_told(groups: BoardGroups) -> None:
    made = Path(groups.make("tb0123456789.1", 400 * MIB))
    (made / "memory.events").write_text("low 0\nhigh 812\nmax 40\noom 1\noom_kill 0\n")
    assert groups.over_memory("tb0123456789.1") == ""

    (made / "memory.events").write_text("low 0\nhigh 812\nmax 40\noom 1\noom_kill 3\n")
    (made / "memory.peak").write_text(f"{500 * MIB}\n")

    over = groups.over_memory("tb0123456789.1")
    assert over.startswith("over its memory limit (500 MiB of 400 MiB)")
    assert "boards.board_memory" in over


def test_who_was_killed_because_memory_ended_elsewhere_was_not_over_a_limit(
    groups: BoardGroups,
) -> None:
    made = Path(groups.make("tb0123456789.1", 400 * MIB))
    (made / "memory.events").write_text("low 0\nhigh 0\nmax 0\noom 0\noom_kill 2\n")

    assert groups.over_memory("tb0123456789.1") == ""


def test_a_new_limit_is_written_for_boards_that_run(groups: BoardGroups) -> None:
    made = Path(groups.make("tb0123456789.1", 400 * MIB))
    (made / "memory.events").write_text("oom 1\noom_kill 1\n")

    groups.limit(800 * MIB)

    assert (made / "memory.high").read_text() == str(800 * MIB)
    assert (made / "memory.max").read_text() == str(1000 * MIB)
    assert "of 800 MiB" in groups.over_memory("tb0123456789.1")


def test_a_board_that_does_not_die_keeps_nobody_waiting(
    groups: BoardGroups, tree: CgroupTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tree.own / "boards" / "tb0123456789.1"
    left.mkdir()
    (left / "cgroup.procs").write_text("4711\n")  # as a file it keeps the directory from going
    monkeypatch.setattr(time, "sleep", _never)

    made = groups.make("tb0123456789.2", MIB)

    assert Path(made).is_dir()
    assert (left / "cgroup.kill").read_text() == "1"


def _never(_seconds: float) -> None:
    raise AssertionError("nobody waits")


def test_an_older_kernel_that_knows_no_peak_tells_it_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("oom 1\noom_kill 1\n")

    assert "500 MiB of 400 MiB" in BoardGroup(tmp_path, 400 * MIB).over_memory()


def test_removing_a_real_group_ends_who_is_in_it(real: Path) -> None:
    directory = real / "board"
    directory.mkdir()
    survivor = sleeper_in(directory)

    assert BoardGroup(directory).remove()

    assert not directory.exists()
    assert survivor.wait(60) == -9


def test_what_an_earlier_gateway_left_is_ended_at_the_start(real: Path, tmp_path: Path) -> None:
    left = real / "boards" / "tb0123456789.7"
    left.mkdir(parents=True)
    survivor = sleeper_in(left)
    groups = BoardGroups(proc_inside(real, tmp_path))

    groups.open()

    assert survivor.wait(60) == -9
    assert not left.exists()
    made = Path(groups.make("tb0123456789.8", 400 * MIB))
    assert made.is_dir()
    groups.close()
    assert not made.parent.exists()


def test_an_abandoned_group_is_cleared_before_the_boards_next_one(
    real: Path, tmp_path: Path
) -> None:
    groups = BoardGroups(proc_inside(real, tmp_path))
    groups.open()
    first = Path(groups.make("tb0123456789.1", MIB))
    other = Path(groups.make("tb9876543210.1", MIB))
    process = sleeper_in(first)
    groups.abandon("tb0123456789.1")
    assert process.wait(60) == -9

    groups.make("tb0123456789.2", MIB)

    assert not first.exists()
    assert other.exists()
    groups.close()
