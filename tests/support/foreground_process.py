"""A process that runs a command in its foreground, and a command that tells what it gets."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running_gateway import PATIENCE, eventually

_HOLDER = """
import os, signal, sys, time
from pathlib import Path
from tbgateway.training.exit_codes import name_of
from tbgateway.training.foreground import Foreground
report = Path(sys.argv[1]).open("w")
with Foreground() as foreground:
    if "HOLDER_WAITS" in os.environ:
        print("waiting", flush=True)
        while not signal.sigpending():
            time.sleep(0.01)
    command = foreground.start(sys.argv[2], sys.argv[2:], os.environ)
    if "HOLDER_BECOMES" in os.environ:
        os.setuid(int(os.environ["HOLDER_BECOMES"]))
    left = foreground.wait_for(command)
by = name_of(left.by) if left.by else ""
report.write(f"{left.status} {by} {' '.join(map(name_of, left.asked))}")
report.close()
sys.exit(left.exit_code)
"""
_RECORDER = """
import os, signal, sys
if "alone" in sys.argv:
    os.setpgid(0, 0)
def told(number, frame):
    os.write(1, f"got {signal.Signals(number).name}\\n".encode())
    if number == signal.SIGUSR2:
        os._exit(0)
for one in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "CONT"):
    signal.signal(getattr(signal, f"SIG{one}"), told)
os.write(1, f"ready {os.getpid()}\\n".encode())
while True:
    signal.pause()
"""
RECORDER = (sys.executable, "-S", "-E", "-c", _RECORDER)
"""A command that writes `ready` with its pid, then each signal that it gets; SIGUSR2 ends it.

With the word `alone` it leaves the process group first.
"""


def holding(report: Path, command: Sequence[str]) -> list[str]:
    """Return the words of a process that runs a command, and says in a file how that left.

    With HOLDER_WAITS in its environment it begins when a signal is pending; with HOLDER_BECOMES it
    is this user afterwards.
    """
    return [sys.executable, "-c", _HOLDER, str(report), *command]


@dataclass
class Shown:
    """What comes out of a pipe or a terminal."""

    descriptor: int
    text: str = ""

    def until(self, text: str) -> str:
        """Read until this text has come; return what came before and with it."""
        while text not in self.text:
            more = os.read(self.descriptor, 65536)
            if not more:
                raise AssertionError(f"it ended without {text!r}: {self.text!r}")
            self.text += more.decode(errors="replace")
        before, found, self.text = self.text.partition(text)
        return before + found

    def rest(self) -> str:
        """Return all that comes until the end."""
        with suppress(OSError):  # what a terminal says when its last process ended
            while more := os.read(self.descriptor, 65536):
                self.text += more.decode(errors="replace")
        return self.text


@dataclass
class Held:
    """A command, the process that runs it in its foreground, and what both show."""

    process: "subprocess.Popen[bytes]"
    shown: Shown
    report: Path

    def command(self) -> int:
        """Return the pid of the command, once it is ready."""
        self.shown.until("ready ")
        return int(self.shown.until("\n"))

    def until_it_may_not_signal(self) -> None:
        """Wait until it gave up its rights."""
        status = Path(f"/proc/{self.process.pid}/status")
        eventually(lambda: "\nUid:\t0" not in status.read_text(), what="another user", every=0.02)

    def ended(self) -> tuple[int, str]:
        """Return the exit status, and what was shown until the end."""
        rest = self.shown.rest()
        return self.process.wait(PATIENCE), rest

    def left(self) -> list[str]:
        """Return how the command left: its status, the signal that ended it, who asked it to."""
        return self.report.read_text().split(" ")


@contextmanager
def held(tmp_path: Path, *command: str, **options: Any) -> Iterator[Held]:
    """Run a command in the foreground of a process whose output goes into a pipe."""
    report = tmp_path / "left"
    process = subprocess.Popen(
        holding(report, command), stdout=subprocess.PIPE, process_group=0, **options
    )
    with process:
        try:
            assert process.stdout is not None
            yield Held(process, Shown(process.stdout.fileno()), report)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@dataclass
class Terminal:
    """A terminal that a process leads the session of."""

    process: "subprocess.Popen[bytes]"
    shown: Shown

    def type(self, text: str) -> None:
        """Type, as somebody who sits at it."""
        os.write(self.shown.descriptor, text.encode())

    def hang_up(self) -> None:
        """Take the terminal away."""
        os.close(self.shown.descriptor)


@contextmanager
def on_terminal(*words: str, **options: Any) -> Iterator[Terminal]:
    """Run a process that leads a session on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", *words], stdin=theirs, stdout=theirs, stderr=theirs, **options
    )
    os.close(theirs)
    with process:
        try:
            yield Terminal(process, Shown(ours))
        finally:
            process.kill()
            with suppress(OSError):
                os.close(ours)


def state_of(pid: int) -> str:
    """Return the state of a process: R, S, T…, or nothing if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def until_state(pid: int, *states: str) -> None:
    """Wait until a process is in one of these states."""
    eventually(lambda: state_of(pid) in states, what=f"{pid} in {states}", every=0.02)
