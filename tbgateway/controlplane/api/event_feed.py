"""What the one who listens may hear of the news, as the API shows it to them."""

from dataclasses import dataclass

from tbgateway.boards import Boards
from tbgateway.controlplane.api.boards import BoardsApi
from tbgateway.controlplane.api.experiments import ExperimentsApi
from tbgateway.domain.access import may_change, may_look
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.events import BoardChanged, BoardGone, ExperimentChanged, ExperimentGone, News
from tbgateway.experiments import Experiments
from tbgateway.routes import Exchange
from tbgateway.schemas.answers import Answer
from tbgateway.schemas.events import GoneAnswer, ResetAnswer


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream; after the `last` one there is nothing more to wait for."""

    name: str
    data: Answer
    last: bool = False

    def encoded(self, event_id: str) -> bytes:
        """Return the event as a stream has it."""
        lines = (f"id: {event_id}", f"event: {self.name}", f"data: {self.data.model_dump_json()}")
        return "\n".join((*lines, "", "")).encode()


RESET = Event("reset", ResetAnswer())


@dataclass(frozen=True, slots=True)
class EventFeed:
    """Turns news into events for the one who asked in `exchange`; `only` is about one board."""

    boards: Boards
    experiments: Experiments
    exchange: Exchange
    only: BoardId | None = None

    def event(self, news: News) -> Event | None:
        """Return what there is to say now, or None if nothing is, or not to them."""
        match news:
            case BoardChanged(board_id) if self.only in {None, board_id}:
                return self._changed(board_id)
            case BoardGone(board) if self.only in {None, board.id}:
                return self._gone(board)
            case ExperimentChanged(experiment_id) if self.only is None:
                return self._experiment(experiment_id)
            case ExperimentGone(experiment_id, name) if self.only is None:
                return Event("experiment-deleted", GoneAnswer(id=experiment_id, name=name))
            case _:
                return None

    def _changed(self, board_id: BoardId) -> Event | None:
        board = self._visible(board_id)
        if board is None:
            return None
        return Event("board", BoardsApi(self.boards).shown(self.exchange, board))

    def _gone(self, board: Board) -> Event | None:
        """Tell it to those who could see the board as it was, and cannot as it is."""
        identity = self.exchange.identity
        could_see = may_look(identity, board) or may_change(identity, board)
        if not could_see or self._visible(board.id) is not None:
            return None
        gone = GoneAnswer(id=board.id, name=board.name)
        return Event("board-deleted", gone, last=self.only is not None)

    def _visible(self, board_id: BoardId) -> Board | None:
        try:
            return self.boards.find(board_id, self.exchange.identity)
        except NotFoundError:
            return None

    def _experiment(self, experiment_id: ExperimentId) -> Event | None:
        try:
            experiment = self.experiments.find(experiment_id)
        except NotFoundError:
            return None
        return Event("experiment", ExperimentsApi(self.experiments).shown(experiment))
