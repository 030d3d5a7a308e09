"""The page at `/`: all boards, and the experiments that could be on them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from tbgateway.boards import Boards
from tbgateway.domain.model import (
    Board,
    Experiment,
    Identity,
    LocalOperator,
    MembershipState,
    SignedIn,
)
from tbgateway.experiments import Experiments
from tbgateway.rendering.contexts import BoardRow, ExperimentRow, HomePage
from tbgateway.rendering.figures import Moment, moment, size
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange

_MOST_EXPERIMENTS = 50  # the page stays readable; the command line lists them all


@dataclass(frozen=True, slots=True)
class Home:
    """Answers `/`; `clock` tells Unix seconds."""

    boards: Boards
    experiments: Experiments
    clock: Callable[[], float] = time.time

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page for whoever asks."""
        return page_response(self._page(exchange.identity))

    def _page(self, identity: Identity) -> HomePage:
        now = self.clock()
        experiments = self.experiments.list()
        return HomePage(
            urls=Urls.seen_from("/"),
            reader=_reader(identity),
            boards=tuple(self._board(board, now) for board in self.boards.list(identity)),
            experiments=tuple(self._experiment(e, now) for e in experiments[:_MOST_EXPERIMENTS]),
            experiments_known=len(experiments),
        )

    def _board(self, board: Board, now: float) -> BoardRow:
        status = self.boards.status(board)
        states = [one.state for one in self.boards.memberships(board)]
        return BoardRow(
            name=board.name,
            state=status.state,
            reason=status.reason,
            experiments=len(states) - states.count(MembershipState.REMOVING),
            adding=states.count(MembershipState.ADDING),
            access=board.access,
            owner=board.owner,
            last_visited=_moment(board.last_visited_at, now),
        )

    def _experiment(self, experiment: Experiment, now: float) -> ExperimentRow:
        return ExperimentRow(
            name=self.experiments.display_name(experiment),
            state=experiment.state,
            reason=experiment.reason,
            problem=experiment.problem or "",
            size=size(experiment.bytes),
            last_event=_moment(experiment.last_event_at, now),
        )


def _moment(then: float | None, now: float) -> Moment | None:
    return None if then is None else moment(then, now)


def _reader(identity: Identity) -> str:
    match identity:
        case SignedIn(name=name, role=role):
            return f"{name} ({role})"
        case LocalOperator():
            return "the local operator"
        case _:
            return ""
