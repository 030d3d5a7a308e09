"""What a training script holds: one experiment, from its begin to its end.

Nothing here raises into a training but for wrong arguments, and nothing makes it wait but the begin
and the end, both for a bounded time.
"""

import atexit
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tbgateway.domain.errors import InvalidInputError
from tbgateway.training import ranks, signals
from tbgateway.training.complaints import Complaints
from tbgateway.training.endings import Ending, checked_ending, stopped
from tbgateway.training.place import Places
from tbgateway.training.refuge import refuge, throwaway
from tbgateway.training.story import Story
from tbgateway.training.telling import Telling
from tbgateway.training.wanted import Wanted, checked_told


class Training:
    """One experiment of this process; use it with `with`, or call `start` and `finish`.

    In all but the first process of a distributed training, and in forked children, it tells nobody
    anything.
    """

    def __init__(self, wanted: Wanted, environ: Mapping[str, str] | None = None) -> None:
        """Begin nothing yet."""
        self._wanted = wanted
        self._environ = os.environ if environ is None else environ
        self._complaints = Complaints(wanted.name)
        self._telling: Telling | None = None
        self._logdir = ""
        self._pid = 0
        self._holds_signals = self._is_over = False
        self._last_error: object = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.finish(error)

    def __repr__(self) -> str:
        state = "over" if self._is_over else "running" if self._logdir else "new"
        return f"<Training {self.name!r} {state} in {self._logdir!r}>"

    @property
    def name(self) -> str:
        """What the experiment is called: with a number behind it where the name was taken."""
        return self._story.name if self._story is not None else self._wanted.name

    @property
    def logdir(self) -> str:
        """The directory for event files: it exists. Raise InvalidInputError before the start."""
        if self._logdir:
            return self._logdir
        raise InvalidInputError(
            "The experiment has no directory yet: it has not begun.",
            hint="Begin it: `with tbgateway.experiment(…) as exp:`, or `exp.start()`.",
        )

    @property
    def id(self) -> str | None:
        """The experiment's id; None until the gateway told it."""
        return self._story.id if self._story is not None else None

    @property
    def url(self) -> str | None:
        """The address of the first board that shows it; None until the gateway told it."""
        return self._story.url if self._story is not None else None

    @property
    def shared(self) -> bool | None:
        """Whether the gateway sees the event files; None until it said so."""
        return self._story.shared if self._story is not None else None

    def start(self) -> Self:
        """Begin it; this waits for the gateway for 3 s at most.

        Raise InvalidInputError if the directory that was given cannot be written.
        """
        if self._pid:
            return self
        self._pid = os.getpid()
        try:
            self._last_error = _last_error()
            atexit.register(self._at_exit)
            self._logdir = str(self._begun())
        except BaseException as error:  # such as SIGTERM, while the gateway takes its time
            self.finish(error)
            raise
        return self

    def describe(
        self,
        *,
        params: Mapping[str, object] | None = None,
        tags: str | Sequence[str] | None = (),
        notes: str | None = None,
    ) -> None:
        """Add parameters and tags, or other notes. Raise InvalidInputError for what they cannot be.

        This waits for no gateway.
        """
        told = checked_told(params, tags, notes)
        if self._telling is not None and self._is_mine:
            with self._complaints.instead_of_raising("What is said of it is not told"):
                self._telling.add(told)

    def finish(self, how: Ending | BaseException | None = None) -> None:
        """End it: completed, or as this exception or ending tells; what ended stays as it is.

        This waits for the gateway for 10 s at most, for 2 s if it is known to be away. Raise
        InvalidInputError for what is no ending.
        """
        ending = checked_ending(how)
        if not self._is_mine:
            return
        self._is_over = True
        try:
            if self._telling is not None:
                with self._complaints.instead_of_raising("Its end is not told"):
                    self._telling.end(ending)
        finally:
            self._let_go()

    @property
    def _story(self) -> Story | None:
        return None if self._telling is None else self._telling.story

    @property
    def _is_mine(self) -> bool:
        """Whether it runs, and in this very process."""
        return self._pid == os.getpid() and not self._is_over

    def _begun(self) -> Path:
        """Begin to tell of it, if it is this process that does, and return its directory."""
        with self._complaints.instead_of_raising("It is not told of"):
            first = ranks.what_says_another(self._environ)
            if first:
                return self._silent(first)
            self._holds_signals = signals.hold()
            self._telling = Telling(self._wanted, self._environ, self._complaints)
            self._telling.begin()
        story = self._story
        return refuge(self._places) if story is None else story.place.directory

    def _silent(self, what_says_so: str) -> Path:
        """Return a directory of which nobody is told: another process is the first."""
        given = self._places.given_directory()
        if given is not None:
            return given
        self._complaints.say(
            "silent",
            f"not the first process ({what_says_so}): what it writes is thrown away when it ends;"
            " give logdir= to keep it.",
        )
        return throwaway(self._wanted.name)

    @property
    def _places(self) -> Places:
        return Places(self._wanted.name, self._wanted.logdir, resume=self._wanted.resume)

    def _let_go(self) -> None:
        if self._holds_signals:
            signals.release()
        atexit.unregister(self._at_exit)

    def _at_exit(self) -> None:
        """End what the script did not end."""
        error = _last_error()
        if signals.came():
            self.finish(stopped("SIGTERM"))
        elif isinstance(error, BaseException) and error is not self._last_error:
            self.finish(error)
        else:
            self.finish()


def _last_error() -> object:
    """Return what was not caught so far; nothing where a person may go on after it."""
    return None if hasattr(sys, "ps1") else getattr(sys, "last_value", None)
