"""Making a forked or freshly started process a board's own."""

import os
import random
import signal
import sys
import tempfile

from tbgateway.worker import kernel, lifeline
from tbgateway.worker.channel import Descriptors
from tbgateway.worker.messages import Order


def become_board(order: Order, descriptors: Descriptors, *, parent: int, gateway: int) -> None:
    """Leave everything behind that belongs to the process that made this one, `parent`.

    It dies with the process `gateway`, whose child it need not be. Needs a process with one thread.
    """
    if os.getsid(0) != os.getpid():  # a fresh interpreter leads a session already
        os.setsid()
    _die_with(gateway, parent, descriptors.lifeline)
    kernel.adopt_orphans()
    kernel.set_name(order.launch_id)
    _reset_signals()
    _redirect_output(descriptors.stderr)
    _use_temporary(order.temporary)
    _reseed()


def _die_with(gateway: int, parent: int, descriptor: int) -> None:
    """Die with the gateway; with a forkserver only where the kernel leaves no other way."""
    try:
        lifeline.die_by(descriptor)
    except OSError:
        kernel.die_with_parent(parent)
    else:
        if parent == gateway:
            kernel.die_with_parent(parent)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _redirect_output(stderr: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(stderr, 1)
    os.dup2(stderr, 2)
    os.close(nothing)
    os.close(stderr)


def _use_temporary(directory: str) -> None:
    os.environ["TMPDIR"] = directory
    tempfile.tempdir = None  # forget what was found before the fork


def _reseed() -> None:
    # Forked processes would all draw the numbers that the template would have drawn.
    random.seed()
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed()
