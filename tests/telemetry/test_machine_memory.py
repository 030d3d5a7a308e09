from pathlib import Path

import psutil
import pytest

from tbgateway.telemetry.machine_memory import machine_memory, read_memory

SMALL = 100_000_000


def write(root: Path, name: str, text: object) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def test_without_cgroups_it_is_the_machines(tmp_path: Path) -> None:
    assert read_memory(tmp_path) == psutil.virtual_memory().total


@pytest.mark.parametrize("group", ["system.slice/tbgateway.service", "system.slice", ""])
def test_the_narrowest_cgroup_counts(tmp_path: Path, group: str) -> None:
    write(tmp_path, "proc/self/cgroup", "0::/system.slice/tbgateway.service")
    write(tmp_path, "sys/fs/cgroup/system.slice/tbgateway.service/memory.max", "max")
    write(tmp_path, f"sys/fs/cgroup/{group}/memory.max", SMALL)
    assert read_memory(tmp_path) == SMALL


def test_the_first_version_of_cgroups_counts_too(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "5:cpu:/there\n4:memory:/here\n0::/")
    write(tmp_path, "sys/fs/cgroup/memory/here/memory.limit_in_bytes", SMALL)
    write(tmp_path, "sys/fs/cgroup/memory/there/memory.limit_in_bytes", SMALL // 2)
    assert read_memory(tmp_path) == SMALL


def test_in_a_container_ones_own_cgroup_is_the_topmost(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "4:memory:/docker/0123")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", SMALL)
    assert read_memory(tmp_path) == SMALL


def test_there_is_some_here() -> None:
    assert 0 < machine_memory() <= psutil.virtual_memory().total
