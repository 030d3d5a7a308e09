"""SIGTERM as an exception, so that a script that is told to end can say that it was stopped.

Only where it would have killed the process at once: a script's own handler is left alone. What
was changed is changed back when the last experiment of the process has ended, and in children.

An exception that is raised while the process forks is dropped by Python, as in all hooks. So a
SIGTERM that comes then is sent again a little later.
"""

import os
import signal
import threading
from types import FrameType

from tbgateway.training.exit_codes import after_signal

STATUS = after_signal(signal.SIGTERM)
_LATER = 0.01  # seconds


class Terminated(SystemExit):
    """SIGTERM came."""


class _Fork(threading.local):
    """Whether this thread is within our hooks around a fork, and what it blocked before."""

    is_under_way = False
    mask: set[int] | None = None


class _Handling:
    """How many experiments want SIGTERM to be an exception, and whether it came."""

    def __init__(self) -> None:
        self.holders = 0
        self.came = False
        self.fork = _Fork()

    def install(self) -> bool:
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            return signal.getsignal(signal.SIGTERM) == self.terminate
        try:
            signal.signal(signal.SIGTERM, self.terminate)
        except ValueError:  # another interpreter of this process has them
            return False
        return True

    def restore(self) -> None:
        if signal.getsignal(signal.SIGTERM) == self.terminate:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def terminate(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
        if not self.fork.is_under_way:
            raise Terminated(STATUS)
        again = threading.Timer(_LATER, _terminate, (os.getpid(),))
        again.daemon = True
        again.start()

    def before_fork(self) -> None:
        """Keep SIGTERM back: one for the child must not come before it is as it should be."""
        if self.holders:
            self.fork.is_under_way = True
            self.fork.mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})

    def after_fork(self) -> None:
        if self.fork.mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self.fork.mask)
        self.fork.mask = None
        self.fork.is_under_way = False

    def after_fork_in_child(self) -> None:
        """Be as in a process without experiments: this is a child of one that has some."""
        if self.holders:
            self.restore()
        self.holders, self.came = 0, False
        self.after_fork()


_handling = _Handling()
os.register_at_fork(
    before=_handling.before_fork,
    after_in_parent=_handling.after_fork,
    after_in_child=_handling.after_fork_in_child,
)


def hold() -> bool:
    """Let SIGTERM raise Terminated; return whether it does now: only in the main thread."""
    if threading.current_thread() is not threading.main_thread() or not _handling.install():
        return False
    _handling.holders += 1
    return True


def release() -> None:
    """Undo one `hold`; the last one gives SIGTERM back, and forgets that it came."""
    _handling.holders = max(0, _handling.holders - 1)
    if _handling.holders:
        return
    _handling.came = False
    if threading.current_thread() is threading.main_thread():
        _handling.restore()


def came() -> bool:
    """Whether SIGTERM came while it was held."""
    return _handling.came


def _terminate(process: int) -> None:
    """Send SIGTERM, unless this is a child by now."""
    if os.getpid() == process:
        os.kill(process, signal.SIGTERM)
