"""What a board process tells its launcher about itself."""

import os
import sys
import threading
from typing import NoReturn

from tbgateway.worker.messages import Failed, Loading, Message, Serving, Trouble, encode

FAILED = 70  # EX_SOFTWARE of sysexits.h: the reason is in the status pipe
_LONGEST_MESSAGE = 4095  # bytes; PIPE_BUF of Linux without the newline
_LONGEST_REASON = 600  # characters; keeps a message, escapes included, below PIPE_BUF
_LONGEST_NOTE = 200  # characters
_LONGEST_TROUBLE = 300  # characters
_MOST_NOTES = 12


class Status:
    """The writing end of the status pipe: one message per line. Its methods suit any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._notes: tuple[str, ...] = ()
        self._serving = False
        self._loads_itself = False

    def loading(self, what: str) -> None:
        """Say what keeps the board from serving."""
        self._say(Loading(what))

    def serving(self, notes: tuple[str, ...], *, loads_itself: bool) -> None:
        """Say that requests are accepted; `notes` come before those of `note`."""
        with self._lock:
            self._serving = True
            self._loads_itself = loads_itself
            self._notes = (*notes, *self._notes)
            self._say_notes()

    def note(self, text: str) -> None:
        """Add something for the operator, whether or not the board serves yet."""
        with self._lock:
            self._notes = (*self._notes, text)
            if self._serving:
                self._say_notes()

    def trouble(self, run: str, why: str) -> None:
        """Say what keeps `run` out of a dashboard, or by an empty `why` that nothing does."""
        self._say(Trouble(run, _cut(why, _LONGEST_TROUBLE)))

    def die(self, reason: str) -> NoReturn:
        """End the whole process at once, from any thread, saying why."""
        self._say(Failed(reason[:_LONGEST_REASON]))
        sys.stderr.write(f"{reason}\n")
        sys.stderr.flush()
        os._exit(FAILED)

    def _say_notes(self) -> None:
        notes = [_cut(" ".join(note.split()), _LONGEST_NOTE) for note in self._notes[:_MOST_NOTES]]
        while len(encode(Serving(tuple(notes), self._loads_itself))) > _LONGEST_MESSAGE:
            notes.pop()
        self._say(Serving(tuple(notes), self._loads_itself))

    def _say(self, message: Message) -> None:
        # A line is shorter than PIPE_BUF and comes whole; with no reader the lifeline ends us.
        line = encode(message)
        if len(line) > _LONGEST_MESSAGE:  # of a run with an endless name
            return
        try:
            os.write(self._descriptor, line + b"\n")
        except OSError:
            return


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
