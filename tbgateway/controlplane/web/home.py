"""The page at `/`: all boards, and the experiments that could be on them."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.reader import reader_of
from tbgateway.domain.model import Board, Experiment, Identity, MembershipState
from tbgateway.rendering.contexts.home import BoardRow, ExperimentRow, HomePage
from tbgateway.rendering.figures import Moment, moment, size
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_MOST_EXPERIMENTS = 50  # the page stays readable; the command line lists them all
_TURN = 0.005  # seconds of work on a page before everybody else gets a turn


@dataclass(frozen=True, slots=True)
class Home:
    """Answers `/`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's route."""
        return (Route("GET", "/", Who.VIEWERS, self.show),)

    async def show(self, exchange: Exchange) -> web.StreamResponse:
        """Return the page for whoever asks."""
        share = LoopShare(_TURN)
        page = await self._page(exchange.identity, share)
        return await share.take(partial(page_response, page))

    async def _page(self, identity: Identity, share: LoopShare) -> HomePage:
        now = self.means.clock()
        boards = [
            await share.take(partial(self._board, board, now))
            for board in self.means.boards.list(identity)
        ]
        newest = await share.take(partial(self.means.experiments.newest, _MOST_EXPERIMENTS))
        return HomePage(
            urls=Urls.seen_from("/"),
            reader=reader_of(identity),
            boards=tuple(boards),
            experiments=tuple(self._experiment(one, now) for one in newest),
            experiments_known=self.means.experiments.count,
        )

    def _board(self, board: Board, now: float) -> BoardRow:
        status = self.means.boards.status(board)
        states = self.means.boards.membership_states(board)
        return BoardRow(
            name=board.name,
            state=status.state,
            reason=status.reason,
            experiments=states.total() - states[MembershipState.REMOVING],
            adding=states[MembershipState.ADDING],
            access=board.access,
            owner=board.owner,
            last_visited=_moment(board.last_visited_at, now),
        )

    def _experiment(self, experiment: Experiment, now: float) -> ExperimentRow:
        return ExperimentRow(
            name=self.means.experiments.display_name(experiment),
            state=experiment.state,
            reason=experiment.reason,
            problem=experiment.problem or "",
            size=size(experiment.bytes),
            last_event=_moment(experiment.last_event_at, now),
        )


def _moment(then: float | None, now: float) -> Moment | None:
    return None if then is None else moment(then, now)
