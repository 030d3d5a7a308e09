"""What a training script holds: one experiment, from its begin to its end.

Nothing here raises into a training but for wrong arguments, and nothing makes it wait but the begin
and the end, both for a bounded time.
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from tbgateway.domain.errors import InvalidInputError
from tbgateway.training import ranks, signals
from tbgateway.training.complaints import LOGGER
from tbgateway.training.endings import Ending, ending_of, stopped
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
        self._last_error = _last_error()
        atexit.register(self._at_exit)
        self._holds_signals = signals.hold()
        if ranks.is_first(self._environ):
            self._logdir = self._begun()
        else:
            self._logdir = _throwaway()
        return self

    def describe(
        self,
        *,
        params: Mapping[str, object] | None = None,
        tags: str | Sequence[str] = (),
        notes: str | None = None,
    ) -> None:
        """Add parameters and tags, or other notes. Raise InvalidInputError for what they cannot be.

        This waits for no gateway.
        """
        told = checked_told(params, tags, notes)
        if self._telling is not None and self._is_mine:
            self._telling.add(told)

    def finish(self, how: Ending | BaseException | None = None) -> None:
        """End it: completed, or as this exception or ending tells; what ended stays as it is.

        This waits for the gateway for 10 s at most, for 2 s if it is known to be away.
        """
        if not self._is_mine:
            return
        self._is_over = True
        try:
            if self._telling is not None:
                self._telling.end(how if isinstance(how, Ending) else ending_of(how))
        except Exception as error:  # noqa: BLE001 - a training is never harmed by what we overlooked
            LOGGER.warning("tbgateway: %s: its end was not told: %r", self.name, error)
        finally:
            self._let_go()

    @property
    def _story(self) -> Story | None:
        return None if self._telling is None else self._telling.story

    @property
    def _is_mine(self) -> bool:
        """Whether it runs, and in this very process."""
        return self._pid == os.getpid() and not self._is_over

    def _begun(self) -> str:
        """Begin to tell of it, and return its directory."""
        telling = Telling(self._wanted, self._environ)
        try:
            telling.begin()
        except InvalidInputError:
            self._is_over = True
            self._let_go()
            raise
        except Exception as error:  # noqa: BLE001 - as above
            LOGGER.warning("tbgateway: %s: it is not told of: %r", self._wanted.name, error)
            return tempfile.mkdtemp(prefix="tbgateway-")
        self._telling = telling
        return str(telling.story.place.directory)

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


def _throwaway() -> str:
    """Return a directory that goes away with this process: nobody is to see what is written."""
    directory = tempfile.mkdtemp(prefix="tbgateway-nobody-")
    atexit.register(_remove, directory, os.getpid())
    return directory


def _remove(directory: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(directory, ignore_errors=True)
