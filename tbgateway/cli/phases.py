"""How far a board's experiments are, told on stderr while a command waits for them."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TextIO

from tbgateway.cli.live import live
from tbgateway.cli.screen import Screen, screen_of
from tbgateway.cli.session import Session
from tbgateway.cli.tables import plain
from tbgateway.cli.terminal import printable
from tbgateway.client import Board, Membership
from tbgateway.domain.lifecycle import BoardState

Tell = Callable[[Board], None]
_BEFORE = frozenset({BoardState.SLEEPING, BoardState.STARTING})


def phase(board: Board, one: Membership) -> str:
    """Say how far an experiment is on its way to the people who look at the board."""
    if one.state == "removing":
        return "being removed"
    if one.visible:
        return "visible" if one.state == "added" else "visible, still running"
    if board.state in _BEFORE:
        return "starting"  # who waits for a sleeping board wakes it
    reading = "reading event files" if board.state == BoardState.RUNNING else board.state
    return f"{reading} ({one.problem})" if one.problem else reading


def telling(session: Session) -> AbstractContextManager[Tell | None]:
    """Return what tells people about a board while the block lasts; None: they do not listen."""
    if session.json:
        return nullcontext(None)
    screen = screen_of(session.terminal.err, session.terminal.environ)
    if screen is None or not screen.moves:
        return nullcontext(_Lines(session.terminal.err).tell)
    return _on_screen(session.terminal.err, screen)


@dataclass(slots=True)
class _Lines:
    """A line for every new phase; what was shown from the beginning is not worth one."""

    err: TextIO
    _last: Mapping[str, str] | None = None

    def tell(self, board: Board) -> None:
        phases = _phases(board)
        known = _shown(phases) if self._last is None else self._last
        self._last = phases
        for name, now in phases.items():
            if known.get(name) != now:
                print(f"{name}: {now}", file=self.err, flush=True)


@dataclass(slots=True)
class _Table:
    """The phases of all experiments, and for how long they are waited for."""

    since: float = field(default_factory=time.monotonic)
    phases: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        waited = f"{time.monotonic() - self.since:.0f} s"
        return "\n".join((*plain(tuple(self.phases.items())), waited))


@contextmanager
def _on_screen(err: TextIO, screen: Screen) -> Iterator[Tell]:
    table = _Table()
    with live(err, screen, lambda: str(table), stays=False) as refresh:

        def tell(board: Board) -> None:
            table.phases = _phases(board)
            refresh()

        yield tell


def _phases(board: Board) -> dict[str, str]:
    return {printable(one.name): printable(phase(board, one)) for one in board.experiments}


def _shown(phases: Mapping[str, str]) -> dict[str, str]:
    return {name: now for name, now in phases.items() if now.startswith("visible")}
