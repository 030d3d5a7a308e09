"""What only the kernel tells: which processes outlive their parents."""

import ctypes
import os
from contextlib import suppress
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_PF_EXITING = 0x4  # linux/sched.h; field 9 of /proc/PID/stat


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no subreaper")


def living_descendants() -> list[psutil.Process]:
    """Return this process's descendants that still run.

    What the kernel is taking apart runs no code any more, though on a busy machine it may stay in
    the list of processes for a while.
    """
    found = []
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if one.status() != psutil.STATUS_ZOMBIE and not _is_exiting(one.pid):
                found.append(one)
    return found


def _is_exiting(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return True
    flags = int(stat.rpartition(b")")[2].split()[6])
    return bool(flags & _PF_EXITING)


def bury_adopted() -> None:
    """Take the exit status of ended children, while no command of one's own is under way.

    It would be taken from whoever waits for that command.
    """
    for one in psutil.Process().children():
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if one.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(one.pid, os.WNOHANG)
