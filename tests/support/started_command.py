"""Commands that go on until they are interrupted, in processes of their own."""

import codecs
import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from running_gateway import PATIENCE

_COMMAND = (sys.executable, "-m", "tbgateway")


@dataclass(frozen=True)
class Started:
    """A running command whose output goes into a pipe."""

    process: "subprocess.Popen[str]"

    def document(self) -> Any:
        """Return the next line that it prints, which is JSON."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def documents_until(self, enough: Callable[[Any], bool]) -> Any:
        """Return the first one that is enough."""
        while not enough(document := self.document()):
            pass
        return document

    def interrupted(self) -> tuple[int, str]:
        """Interrupt it as Ctrl-C does; return its exit code and what it said on stderr."""
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return its exit code and what it said on stderr."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@contextmanager
def started(*words: str, **environ: str) -> Iterator[Started]:
    """Run a command line in the background."""
    process = subprocess.Popen(
        (*_COMMAND, *words),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
    )
    with process:
        try:
            yield Started(process)
        finally:
            process.kill()


@dataclass
class OnTerminal:
    """A running command whose output goes to a terminal."""

    process: "subprocess.Popen[bytes]"
    terminal: int
    shown: str = ""

    def __post_init__(self) -> None:
        # What is read at once may end within a character.
        self._decode = codecs.getincrementaldecoder("utf-8")().decode

    def until(self, text: str) -> str:
        """Read until the terminal got this text; return what it got before and with it."""
        while text not in self.shown:
            self.shown += self._decode(os.read(self.terminal, 65536))
        before, found, self.shown = self.shown.partition(text)
        return before + found

    def ended_by(self, sign: signal.Signals) -> tuple[int, str]:
        """Send a signal; return the exit code and what the terminal got until the end."""
        self.process.send_signal(sign)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Return the exit code and what the terminal got until the end."""
        with contextlib.suppress(OSError):  # what a terminal says when its last process ended
            while more := os.read(self.terminal, 65536):
                self.shown += self._decode(more)
        return self.process.wait(PATIENCE), self.shown


@contextmanager
def on_terminal(*words: str, **environ: str) -> Iterator[OnTerminal]:
    """Run a command line on a terminal of 80 columns that knows colours."""
    ours, theirs = pty.openpty()
    surroundings = {"TERM": "xterm-256color", "COLUMNS": "80", **environ}
    process = subprocess.Popen(
        (*_COMMAND, *words),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={key: text for key, text in os.environ.items() if key != "NO_COLOR"} | surroundings,
    )
    os.close(theirs)
    with process:
        try:
            yield OnTerminal(process, ours)
        finally:
            process.kill()
            os.close(ours)
