"""What the one who listens may hear of the news, as the API shows it to them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from tbgateway.boards import Boards
from tbgateway.controlplane.api.boards import board_answer
from tbgateway.controlplane.api.experiments import experiment_answer
from tbgateway.domain.access import may_see
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.events import BoardChanged, BoardGone, ExperimentChanged, ExperimentGone, News
from tbgateway.events.bus import MOST_KEPT
from tbgateway.experiments import Experiments
from tbgateway.routes import Exchange
from tbgateway.schemas.answers import Answer
from tbgateway.schemas.events import BoardResetAnswer, NamedAnswer, ResetAnswer


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream, its data in JSON; after the `last` there is nothing to wait for."""

    name: str
    data: str
    last: bool = False

    @classmethod
    def of(cls, name: str, data: Answer, *, last: bool = False) -> Self:
        """Return the event that says this."""
        return cls(name, data.model_dump_json(), last)

    def encoded(self, event_id: str) -> bytes:
        """Return the event as a stream has it."""
        lines = (f"id: {event_id}", f"event: {self.name}", f"data: {self.data}")
        return "\n".join((*lines, "", "")).encode()


class ExperimentEvents:
    """Events about experiments. Everybody is told the same, so each is made once."""

    def __init__(self, experiments: Experiments) -> None:
        self._experiments = experiments
        self._made = lru_cache(MOST_KEPT)(self._make)

    def at(self, place: int, experiment_id: ExperimentId, *, brief: bool = False) -> Event | None:
        """Return what to say of the news at a place of the bus; None if it is out of date."""
        return self._made(place, experiment_id, brief=brief)

    def _make(self, _place: int, experiment_id: ExperimentId, *, brief: bool) -> Event | None:
        try:
            experiment = self._experiments.find(experiment_id)
        except NotFoundError:
            return None
        if brief:
            name = self._experiments.display_name(experiment)
            return Event.of("experiment", NamedAnswer(id=experiment.id, name=name))
        return Event.of("experiment", experiment_answer(self._experiments, experiment))


@dataclass(frozen=True, slots=True)
class EventFeed:
    """Turns news into events for the one who asked in `exchange`; `only` is about one board.

    `only` is that board as it was when the stream began. `brief` events cost little, however much
    is on a board.
    """

    boards: Boards
    experiments: ExperimentEvents
    exchange: Exchange
    only: Board | None = None
    brief: bool = False

    def reset(self) -> Event:
        """Return what to say to those who are told too little to go on with what they know."""
        if self.only is None:
            return Event.of("reset", ResetAnswer())
        board = self._visible(self.only.id)
        if board is None:
            return self._board_deleted(self.only)
        return Event.of("reset", BoardResetAnswer(id=board.id, name=board.name))

    def event(self, place: int, news: News) -> Event | None:
        """Return what there is to say now, or None if nothing is, or not to them."""
        match news:
            case BoardChanged(board_id) if self._is_about(board_id):
                return self._changed(board_id)
            case BoardGone(board) if self._is_about(board.id):
                return self._gone(board)
            case ExperimentChanged(experiment_id) if self.only is None:
                return self.experiments.at(place, experiment_id, brief=self.brief)
            case ExperimentGone(experiment_id, name) if self.only is None:
                return Event.of("experiment-deleted", NamedAnswer(id=experiment_id, name=name))
            case _:
                return None

    def _is_about(self, board_id: BoardId) -> bool:
        return self.only is None or self.only.id == board_id

    def _changed(self, board_id: BoardId) -> Event | None:
        board = self._visible(board_id)
        if board is None:
            return None
        if self.brief:
            return Event.of("board", NamedAnswer(id=board.id, name=board.name))
        return Event.of("board", board_answer(self.boards, self.exchange, board))

    def _gone(self, board: Board) -> Event | None:
        """Tell it to those who could see the board as it was, and cannot as it is."""
        could_see = may_see(self.exchange.identity, board)
        if not could_see or self._visible(board.id) is not None:
            return None
        return self._board_deleted(board)

    def _board_deleted(self, board: Board) -> Event:
        gone = NamedAnswer(id=board.id, name=board.name)
        return Event.of("board-deleted", gone, last=self.only is not None)

    def _visible(self, board_id: BoardId) -> Board | None:
        try:
            return self.boards.find(board_id, self.exchange.identity)
        except NotFoundError:
            return None
