"""The command line in this process, and terminals that remember what was printed."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from tbgateway.cli.terminal import Output, Terminal


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]
"""Runs a command line given as words; `stdin` is what it may read."""


class Tty(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Streams:
    """What a terminal printed."""

    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def terminal(self, output: Output = Output.TABLE, **environ: str) -> Terminal:
        """Return the terminal that prints here."""
        return Terminal.on(output, self.out, self.err, os.environ | environ)
