"""The pipe by which a board's processes die with the gateway, and not with whoever forked them.

Only the gateway holds its writing end. The kernel itself kills at its closing: it is not asked for
a turn, so a process that was stopped, or whose interpreter lets no other thread run, dies too.
"""

import fcntl
import os
import select
import signal
import threading


def die_by(lifeline: int) -> None:
    """Have the kernel kill this process's group as soon as nobody holds the other end any more.

    `lifeline` must be the reading end, an open file of this group's own; what inherits it keeps
    the arrangement alive after this process. Raise OSError if the kernel cannot do that.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    poll = select.poll()
    poll.register(lifeline, 0)  # POLLHUP is told always
    if poll.poll(0):  # it was closed before: the kernel sends nothing for that
        os.killpg(0, signal.SIGKILL)


def watch(lifeline: int) -> None:
    """Kill this process's group from a thread at the end of `lifeline`: the second way."""
    threading.Thread(target=_await_end, args=(lifeline,), name="lifeline", daemon=True).start()


def _await_end(lifeline: int) -> None:
    while os.read(lifeline, 1):
        pass
    os.killpg(0, signal.SIGKILL)
