"""Control groups to try things in: a directory tree that looks like some, and real ones."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_REAL = Path("/sys/fs/cgroup")


class CgroupTree:
    """A delegated group of version 2 as plain files, with a /proc/self that leads there.

    What is written can be read. What only a kernel does, does not happen.
    """

    def __init__(self, home: Path, controllers: str = "cpuset cpu io memory pids") -> None:
        self.mount = home / "cgroup"
        self.proc = home / "proc"
        self.own = self.mount / "system.slice" / "tbgateway.service"
        self.own.mkdir(parents=True)
        self.proc.mkdir()
        self.enter("/system.slice/tbgateway.service")
        other = "31 23 0:28 / /sys rw - sysfs sysfs rw"
        this = f"36 31 0:30 / {self.mount} rw - cgroup2 none rw"
        (self.proc / "mountinfo").write_text(f"{other}\n{this}\n")
        (self.own / "cgroup.controllers").write_text(f"{controllers}\n")
        (self.own / "cgroup.subtree_control").write_text("")
        (self.own / "cgroup.procs").write_text(f"{os.getpid()}\n")
        os.setxattr(self.own, "user.delegate", b"1")

    def enter(self, path: str) -> None:
        """Let it look as if the process were in that group."""
        (self.proc / "cgroup").write_text(f"4:memory:/elsewhere\n0::{path}\n")

    def read(self, name: str) -> str:
        """Return what a file below the delegated group holds."""
        return (self.own / name).read_text().strip()


@contextmanager
def real_group() -> Iterator[Path]:
    """Yield a real group of version 2 that is marked as delegated; skip where there is none."""
    for mount in (_REAL, _REAL / "unified"):
        group = mount / f"tbgateway-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / "cgroup.kill").exists():
            break
        group.rmdir()
    else:
        pytest.skip("no control groups can be made on this machine")
    try:
        os.setxattr(group, "user.delegate", b"1")
        yield group
    finally:
        _remove(group)


def proc_inside(group: Path, home: Path) -> Path:
    """Return a /proc/self, below `home`, of a process that is the only one in a real group."""
    proc = home / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text(f"0::/{group.name}\n")
    (proc / "mountinfo").write_text(f"36 31 0:30 / {group.parent} rw - cgroup2 none rw\n")
    return proc


def _remove(group: Path) -> None:
    """Remove it with all below; who is still in there goes back up."""
    for pid in (group / "cgroup.procs").read_text().split():
        (group.parent / "cgroup.procs").write_text(pid)
    for entry in list(group.iterdir()):
        if entry.is_dir():
            _remove(entry)
    group.rmdir()
