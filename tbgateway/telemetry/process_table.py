"""All processes of the machine at one moment, as /proc tells them: one read for each."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")  # a second
_PAGE = os.sysconf("SC_PAGE_SIZE")
_BYTES = 1024  # the kernel says kB and means these
# Where the fields stand behind the name in brackets, which may hold anything: see proc(5).
_PARENT, _USER, _SYSTEM, _BORN, _RESIDENT = 1, 11, 12, 19, 21


@dataclass(frozen=True, slots=True)
class Process:
    """One process: its CPU time and when it was born in seconds, the latter since the boot.

    `resident` is its memory in bytes, with what it shares.
    """

    pid: int
    parent: int
    cpu: float
    born: float
    resident: int

    @classmethod
    def read(cls, pid: int) -> "Process":
        """Read it; raise OSError if it is gone."""
        line = (_PROC / f"{pid}/stat").read_bytes()
        fields = line[line.rindex(b")") + 2 :].split()
        return cls(
            pid=pid,
            parent=int(fields[_PARENT]),
            cpu=(int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS,
            born=int(fields[_BORN]) / _TICKS,
            resident=int(fields[_RESIDENT]) * _PAGE,
        )


class ProcessTable:
    """Who runs, and whose children they are."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self._processes = {one.pid: one for one in processes}
        self._children = defaultdict[int, list[int]](list)
        for one in self._processes.values():
            self._children[one.parent].append(one.pid)

    @classmethod
    def read(cls) -> "ProcessTable":
        """Read /proc: some 20 µs for each process."""
        return cls(_running())

    def families(self, heads: Iterable[int]) -> tuple[Process, ...]:
        """Return these processes and all their descendants, as far as they run."""
        pids = dict.fromkeys(with_descendants(heads, self._children))
        return tuple(self._processes[pid] for pid in pids if pid in self._processes)


def with_descendants(pids: Iterable[int], children: Mapping[int, list[int]]) -> Iterator[int]:
    """Yield each process and those below it; `children` are by their parents."""
    for pid in pids:
        yield pid
        yield from with_descendants(children.get(pid, ()), children)


def proportional(pid: int) -> int:
    """Return a process's memory in bytes, with what it shares divided among those who do (PSS).

    The kernel walks all its pages: some 4 ms for 100 MB. Raise OSError if it is gone, or somebody
    else's.
    """
    for line in (_PROC / f"{pid}/smaps_rollup").read_bytes().splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * _BYTES
    return 0  # a kernel thread, or one that is just ending


def _running() -> Iterator[Process]:
    for pid in psutil.pids():
        try:
            yield Process.read(pid)
        except OSError:  # it has ended
            continue
