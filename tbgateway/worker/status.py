"""What a board process tells its launcher about itself."""

import os
import sys
from typing import NoReturn

from tbgateway.worker.messages import Failed, Loading, Message, Serving, encode

FAILED = 70  # EX_SOFTWARE of sysexits.h: the reason is in the status pipe
_LONGEST_REASON = 600  # characters; keeps a message, escapes included, below PIPE_BUF


class Status:
    """The writing end of the status pipe: one message per line."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def loading(self, what: str) -> None:
        """Say what keeps the board from serving."""
        self._say(Loading(what))

    def serving(self, notes: tuple[str, ...]) -> None:
        """Say that requests are accepted."""
        self._say(Serving(notes))

    def die(self, reason: str) -> NoReturn:
        """End the whole process at once, from any thread, saying why."""
        self._say(Failed(reason[:_LONGEST_REASON]))
        sys.stderr.write(f"{reason}\n")
        sys.stderr.flush()
        os._exit(FAILED)

    def _say(self, message: Message) -> None:
        # A line is shorter than PIPE_BUF and comes whole; with no reader the lifeline ends us.
        try:
            os.write(self._descriptor, encode(message) + b"\n")
        except OSError:
            return
