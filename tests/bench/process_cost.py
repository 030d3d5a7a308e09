"""What processes cost: CPU time to the microsecond, memory as PSS."""

import time
from collections.abc import Iterable

import psutil

_SCHEDULER_CLOCK = 2  # CPUCLOCK_SCHED of clock_getcpuclockid(3): user and system time together


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Return the CPU time of living processes, their ended threads included.

    The kernel's own clock of a process; /proc/PID/stat counts in hundredths of a second, which
    is half of what a board takes to start.
    """
    return sum(time.clock_gettime((~one.pid << 3) | _SCHEDULER_CLOCK) for one in processes)


def pss_mebibytes(processes: Iterable[psutil.Process]) -> float:
    """Return the memory of processes; pages that several share are divided among these."""
    return sum(one.memory_full_info().pss for one in processes) / 2**20
