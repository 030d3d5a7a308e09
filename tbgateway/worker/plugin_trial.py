"""Running foreign code with an end to it: first in a child process, then in earnest."""

import os
import select
import signal
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from tbgateway.worker import kernel

_LONGEST = 2000  # bytes of what a trial has to say; a pipe takes it without a reader
_SPOKEN = b"."  # begins what a trial says, so that saying nothing is something too
_AGAIN = 1.0  # seconds; foreign code may catch everything, more than once


class OverdueError(BaseException):
    """Foreign code took too long; no Exception, so that it does not contain it by itself."""


def do_in_time(attempt: Callable[[], str], patience: float) -> str:
    """Return what `attempt` returns; cut it off after `patience` seconds with OverdueError.

    Only what Python runs can be cut off. Needs the main thread, and SIGALRM.
    """

    def cut_off(_number: int, _frame: object) -> None:
        raise OverdueError(f"its import takes longer than {patience:g} s")

    before = signal.signal(signal.SIGALRM, cut_off)
    try:
        signal.setitimer(signal.ITIMER_REAL, patience, _AGAIN)
        try:
            return attempt()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def try_in_child(attempt: Callable[[], str], patience: float) -> str:
    """Return what `attempt` returns in a forked child: "" if all is well, else what is wrong.

    What it does besides is judged too: ending the process, starting threads, or taking longer than
    `patience` seconds. Nothing that it started is left. Needs a process with one thread.
    """
    others = kernel.children()
    reading, writing = os.pipe()
    output = os.memfd_create("output")
    parent = os.getpid()
    child = os.fork()  # noqa: TID251 - for the forkserver, which has one thread
    if child == 0:
        _attempt(attempt, parent, writing, output)
    os.close(writing)
    try:
        return _outcome(child, _hear(reading, patience), patience) + _last_line(output)
    finally:
        os.close(reading)
        os.close(output)
        kernel.kill_children(besides=others)


def _attempt(attempt: Callable[[], str], parent: int, writing: int, output: int) -> None:
    """Be the child: make the attempt, say how it went, and end."""
    code = 1
    try:
        kernel.die_with_parent(parent)
        kernel.adopt_orphans()
        for standard in (1, 2):
            os.dup2(output, standard)
        # Above all the connection to the gateway: what is tried may give no orders by it.
        _close_all_but({0, 1, 2, writing, output})
        problem = attempt()
        if not problem and kernel.thread_count() > 1:
            problem = (
                "it starts threads when it is imported, and a process with threads cannot fork"
            )
        os.ftruncate(output, 0)
        os.write(writing, _SPOKEN + problem.encode(errors="replace")[:_LONGEST])
        code = 0
    finally:
        os._exit(code)


def _close_all_but(kept: Collection[int]) -> None:
    for entry in list(Path("/proc/self/fd").iterdir()):
        descriptor = int(entry.name)
        if descriptor not in kept:
            with suppress(OSError):  # that of the listing is closed by now
                os.close(descriptor)


def _hear(reading: int, patience: float) -> bytes | None:
    """Return what the child says, nothing if it ended before, None if that takes too long."""
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    return os.read(reading, _LONGEST + 1) if poll.poll(patience * 1000) else None


def _outcome(child: int, said: bytes | None, patience: float) -> str:
    if said is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if said is None:
        return f"its import takes longer than {patience:g} s"
    if said:
        return said.removeprefix(_SPOKEN).decode(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    how = signal.Signals(-code).name if code < 0 else f"status {code}"
    return f"its import ends the process ({how})"


def _last_line(output: int) -> str:
    """Return the last thing that was written by a child that did not get to say more."""
    size = os.fstat(output).st_size
    tail = os.pread(output, _LONGEST, max(size - _LONGEST, 0)).decode(errors="replace").split("\n")
    lines = [line for line in map(str.strip, tail) if line]
    return f": {lines[-1]}" if lines else ""
