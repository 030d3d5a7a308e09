"""Starting our own interpreter for a worker, with nothing of ours in its environment."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tbgateway.worker.channel import Channel

_PASSED_ON = frozenset({"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR"})
_PASSED_ON_BY_PREFIX = ("LC_", "LD_", "PYTHON")
_ONE_THREAD = {
    # A forked child gets only one thread of its parent: so the libraries may start none.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "GRPC_VERBOSITY": "ERROR",
}


def module_command(module: str, *options: str) -> tuple[str, ...]:
    """Return the command that runs `module` in our own interpreter."""
    # -P: whatever lies in the working directory is not imported.
    return (sys.executable, "-P", "-m", module, *options)


def spawn_worker(
    command: Sequence[str], channel: Channel, *, stderr: int | None = None
) -> subprocess.Popen[bytes]:
    """Start `command`, which gets `channel`'s descriptor and our pid as arguments.

    Raise OSError if it cannot be started. Must be called in the event loop's own thread: the
    kernel kills the process when the thread that made it ends.
    """
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
        [*command, str(channel.fileno()), str(os.getpid())],
        pass_fds=(channel.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        cwd="/",
        env=worker_environment(),
        # Ctrl-C in a terminal is for the gateway: it ends its boards in order.
        start_new_session=True,
    )


def why_not_spawned(error: OSError) -> str:
    """Say what an error of `spawn_worker` means, naming the interpreter if it is to blame."""
    named = "" if error.filename is None else f"{error.filename} cannot be run: "
    return f"{named}{error.strerror}"


def worker_environment() -> dict[str, str]:
    """Choose what workers may see: no secret, no proxy, nothing that systemd meant for us."""
    passed_on = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_BY_PREFIX)
    }
    return passed_on | _ONE_THREAD
