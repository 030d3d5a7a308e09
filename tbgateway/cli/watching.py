"""--watch: how something is, anew whenever it changes, until Ctrl-C."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from typing import Annotated, Protocol, TypeVar

from cyclopts import Parameter

from tbgateway.cli.live import live
from tbgateway.cli.screen import Screen
from tbgateway.cli.session import Session
from tbgateway.cli.terminal import Output
from tbgateway.client.events import TRANSIENT, Event, Lost, Reset
from tbgateway.domain.errors import TbgatewayError

T = TypeVar("T")
PATIENCE = 600.0
"""Seconds that a gateway may be away, before a view of it ends."""
_PAUSE = 2.0  # seconds between two attempts to fetch what is shown

Watch = Annotated[bool, Parameter(name="--watch")]


class Subject(Protocol):
    """What is watched."""

    def fetch(self) -> None:
        """Ask for the whole of it."""

    def take(self, event: Event) -> None:
        """Learn what an event tells of it; raise NotFoundError when it is gone."""

    def show(self, session: Session) -> None:
        """Print it, as it is known to be."""


def follow(session: Session, subject: Subject, *, board: str | None = None) -> None:
    """Show the subject until the process is interrupted; `board` limits what is listened to.

    Raise what the gateway refuses, or UnreachableError if it is away for too long.
    """
    with _view(session, subject) as view:
        for event in session.client.events(board=board, patience=PATIENCE):
            match event:
                case Lost(error):
                    view.lost(error)
                    continue
                case Reset():
                    _patiently(subject.fetch)
                case _:
                    subject.take(event)
            view.show()


def frame(session: Session, show: Callable[[Session], None]) -> str:
    """Return what `show` prints."""
    page = StringIO()
    terminal = replace(session.terminal, out=page, err=page, compact=True)
    show(replace(session, terminal=terminal))
    return page.getvalue()


class _View(Protocol):
    def show(self) -> None: ...

    def lost(self, error: TbgatewayError) -> None: ...


@contextmanager
def _view(session: Session, subject: Subject) -> Iterator[_View]:
    screen = session.terminal.screen
    if screen is None or session.json:
        terminal = replace(session.terminal, output=Output.JSON)
        yield _Printed(session, replace(session, terminal=terminal), subject)
    elif not screen.moves:
        yield _Printed(session, session, subject, end="\n")
    else:
        with _on_screen(session, subject, screen) as view:
            yield view


@dataclass(slots=True)
class _Printed:
    """One frame after the other, as `told`, each ended by `end`; never the same twice."""

    session: Session
    told: Session
    subject: Subject
    end: str = ""
    _last: str = ""

    def show(self) -> None:
        now = frame(self.told, self.subject.show)
        if now != self._last:
            self._last = now
            self.session.terminal.out.write(now + self.end)
            self.session.terminal.out.flush()

    def lost(self, error: TbgatewayError) -> None:
        self.session.terminal.remark(_away(error))


@dataclass(slots=True)
class _OnScreen:
    """One frame in the place of the other."""

    session: Session
    subject: Subject
    refresh: Callable[[], None] = lambda: None
    _known: bool = False
    _remark: str = ""

    def __str__(self) -> str:
        return frame(self.session, self.subject.show) + self._remark if self._known else ""

    def show(self) -> None:
        self._known = True
        self._remark = ""
        self.refresh()

    def lost(self, error: TbgatewayError) -> None:
        self._remark = f"\n{_away(error)}"
        self.refresh()


@contextmanager
def _on_screen(session: Session, subject: Subject, screen: Screen) -> Iterator[_OnScreen]:
    view = _OnScreen(session, subject)
    with live(session.terminal.out, screen, lambda: str(view), stays=True) as view.refresh:
        yield view


def _away(error: TbgatewayError) -> str:
    return f"This may be old, the gateway is asked again and again: {error.detail}"


def _patiently(fetch: Callable[[], T]) -> T:
    """Fetch from a gateway that may just be starting."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return fetch()
        except TRANSIENT:
            if time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)
