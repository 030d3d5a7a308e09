"""How much memory there is: the machine's, or what this process's cgroups leave of it."""

import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import psutil

_AGE = 10.0  # seconds
_CGROUPS = "sys/fs/cgroup"
_OWN = "proc/self/cgroup"


def machine_memory() -> int:
    """Return it in bytes, as it was ten seconds ago at the most: limits may be changed."""
    return _lately(int(time.monotonic() / _AGE))


@lru_cache(maxsize=1)
def _lately(_when: int) -> int:
    return read_memory(Path("/"))


def read_memory(root: Path) -> int:
    """Return it in bytes, as the files below `root` tell.

    A container often sees its own cgroup as the topmost, whatever its path is called: that one is
    looked at, too.
    """
    return min([psutil.virtual_memory().total, *_limits(root)])


def _limits(root: Path) -> Iterator[int]:
    for path in dict.fromkeys(_files(root)):
        with suppress(OSError, ValueError):  # there is none, or it says "max"
            yield int(path.read_text())


def _files(root: Path) -> Iterator[Path]:
    cgroups = root / _CGROUPS
    for controllers, path in _own_cgroups(root):
        base, name = cgroups, "memory.max"
        if controllers:  # version 1
            base, name = cgroups / "memory", "memory.limit_in_bytes"
        if controllers in {"", "memory"}:
            own = base / path.lstrip("/")
            yield from (group / name for group in (own, *own.parents) if group.is_relative_to(base))
            yield base / name


def _own_cgroups(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the controllers and the path of each hierarchy, as in `4:memory:/user.slice`."""
    with suppress(OSError):
        for line in (root / _OWN).read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            yield controllers, path
