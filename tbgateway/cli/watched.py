"""What can be watched: boards, a board, experiments, an experiment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tbgateway.cli.session import Session
from tbgateway.cli.wanted import Wanted
from tbgateway.client import Board, Client, Experiment
from tbgateway.client.events import (
    BoardChanged,
    BoardDeleted,
    Event,
    ExperimentChanged,
    ExperimentDeleted,
)
from tbgateway.domain.errors import NotFoundError

ShowBoards = Callable[[Session, Sequence[Board]], None]
ShowExperiments = Callable[[Session, Sequence[Experiment]], None]


@dataclass(slots=True)
class AllBoards:
    """The boards that the caller may see."""

    client: Client
    print: ShowBoards
    _boards: dict[str, Board] = field(default_factory=dict)

    def fetch(self) -> None:
        """Ask for all of them."""
        self._boards = {board.id: board for board in self.client.boards.list()}

    def take(self, event: Event) -> None:
        """Learn of one."""
        match event:
            case BoardChanged(board):
                self._boards = self._boards | {board.id: board}
            case BoardDeleted(id=gone):
                self._boards = {key: one for key, one in self._boards.items() if key != gone}

    def show(self, session: Session) -> None:
        """Print them by name."""
        self.print(session, sorted(self._boards.values(), key=lambda board: board.name))


@dataclass(slots=True)
class OneBoard:
    """A board, also when it is renamed."""

    client: Client
    print: Callable[[Session, Board], None]
    board: Board

    def fetch(self) -> None:
        """Ask for it."""
        self.board = self.client.boards.show(self.board.id)

    def take(self, event: Event) -> None:
        """Learn how it is; raise NotFoundError if it is gone."""
        match event:
            case BoardChanged(board):
                self.board = board
            case BoardDeleted(name=name):
                raise _gone("board", name)

    def show(self, session: Session) -> None:
        """Print it."""
        self.print(session, self.board)


@dataclass(slots=True)
class SomeExperiments:
    """The experiments that are wanted."""

    client: Client
    print: ShowExperiments
    wanted: Wanted
    _experiments: dict[str, Experiment] = field(default_factory=dict)

    def fetch(self) -> None:
        """Ask for all of them."""
        self._experiments = {one.id: one for one in self.wanted.found(self.client)}

    def take(self, event: Event) -> None:
        """Learn of one: it may come in, change or drop out."""
        match event:
            case ExperimentChanged(one):
                others = self._without(one.id)
                taken = {one.id: one} if self.wanted.takes(one) else {}
                self._experiments = others | taken
            case ExperimentDeleted(id=gone):
                self._experiments = self._without(gone)

    def show(self, session: Session) -> None:
        """Print them."""
        self.print(session, tuple(self._experiments.values()))

    def _without(self, gone: str) -> dict[str, Experiment]:
        return {key: one for key, one in self._experiments.items() if key != gone}


@dataclass(slots=True)
class OneExperiment:
    """An experiment."""

    client: Client
    print: Callable[[Session, Experiment], None]
    experiment: Experiment

    def fetch(self) -> None:
        """Ask for it."""
        self.experiment = self.client.experiments.show(self.experiment.id)

    def take(self, event: Event) -> None:
        """Learn how it is; raise NotFoundError if it is gone."""
        match event:
            case ExperimentChanged(one) if one.id == self.experiment.id:
                self.experiment = one
            case ExperimentDeleted(id=gone, name=name) if gone == self.experiment.id:
                raise _gone("experiment", name)

    def show(self, session: Session) -> None:
        """Print it."""
        self.print(session, self.experiment)


def _gone(noun: str, name: str) -> NotFoundError:
    return NotFoundError(
        f"The {noun} {name!r} is not there any more.",
        hint="List those that there are.",
        command=f"tbgateway {noun} list",
    )
