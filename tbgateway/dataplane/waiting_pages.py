"""The page of a board that takes long to open: better than a TensorBoard that shows nothing yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from operator import attrgetter
from typing import Protocol

from aiohttp import hdrs, web

from tbgateway.boards.membership_view import MembershipView
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board, Experiment, Membership
from tbgateway.domain.names import BoardId
from tbgateway.rendering.contexts.waiting import ExperimentRead, Reading
from tbgateway.rendering.figures import size
from tbgateway.rendering.negotiation import preferred
from tbgateway.rendering.problems import waiting_response
from tbgateway.routes import Exchange
from tbgateway.supervisor.announcing import LARGE
from tbgateway.supervisor.status import BoardStatus

_LONG = 2.0  # seconds of an opening that nobody likes to look at an empty page for
_SHOWN = 20  # experiments
_TEXT, _HTML = "text/plain", "text/html"


class Boards(Protocol):
    """What is asked of the use cases around boards."""

    def status(self, board: Board) -> BoardStatus:
        """Tell what the board is doing."""

    def experiments(self, board: Board) -> Iterable[Experiment]:
        """Return the experiments that are on the board to stay: thousands cost little."""

    def membership_records(self, board: Board) -> Iterable[Membership]:
        """Return what is stored of the board's memberships: thousands cost little."""

    def views(self, board: Board, some: Iterable[Membership]) -> tuple[MembershipView, ...]:
        """Return some of the board's memberships as people see them."""


class Openings(Protocol):
    """How long boards take to open."""

    def took(self, board_id: BoardId) -> float | None:
        """Return how many seconds the last opening took, if one is known."""

    def lasts(self, board_id: BoardId) -> float:
        """Return for how many seconds one goes on."""


@dataclass(frozen=True, slots=True)
class WaitingPages:
    """Answers for boards that are not ready."""

    boards: Boards
    openings: Openings

    def fits(self, exchange: Exchange, board: Board) -> bool:
        """Whether a person wants to open the board, and would have to wait for long."""
        if exchange.params["rest"] or not _is_navigation(exchange):
            return False
        status = self.boards.status(board)
        if status.state is BoardState.RUNNING:
            return False
        return status.lacks_room or self._is_slow(board)

    def answer(self, exchange: Exchange, board: Board) -> web.Response:
        """Ask to wait."""
        return waiting_response(
            board.name,
            path=exchange.target.path if exchange.target else "/",
            accept=_accept(exchange),
            request_id=exchange.request_id,
            prefix=exchange.external.prefix,
            reading=self._reading(board),
        )

    def _is_slow(self, board: Board) -> bool:
        took = self.openings.took(board.id)
        return _bytes(self.boards.experiments(board)) > LARGE if took is None else took > _LONG

    def _reading(self, board: Board) -> Reading:
        shown = tuple(self.boards.experiments(board))
        return Reading(
            doing=self.boards.status(board).reason or "starting",
            seconds=int(self.openings.lasts(board.id)),
            experiments=tuple(_read(one) for one in self._largest(board, shown)),
            count=len(shown),
            size=size(_bytes(shown)),
        )

    def _largest(self, board: Board, shown: Iterable[Experiment]) -> list[MembershipView]:
        """Look only at those that are named: every viewer asks every two seconds."""
        large = {one.id for one in nlargest(_SHOWN, shown, key=attrgetter("bytes"))}
        records = self.boards.membership_records(board)
        views = self.boards.views(board, [one for one in records if one.experiment_id in large])
        return sorted(views, key=attrgetter("experiment.bytes"), reverse=True)


def _read(view: MembershipView) -> ExperimentRead:
    experiment = view.experiment
    return ExperimentRead(
        id=experiment.id, name=view.name, size=size(experiment.bytes), problem=view.problem or ""
    )


def _bytes(experiments: Iterable[Experiment]) -> int:
    return sum(one.bytes for one in experiments)


def _is_navigation(exchange: Exchange) -> bool:
    """Whether somebody opens a page, or a waiting page asks whether there is still to wait."""
    wanted = exchange.request.headers.get("Sec-Fetch-Dest", "document") in {"document", "empty"}
    reads = exchange.request.method == hdrs.METH_GET
    return wanted and reads and preferred(_accept(exchange), (_TEXT, _HTML)) == _HTML


def _accept(exchange: Exchange) -> str:
    return ", ".join(exchange.request.headers.getall(hdrs.ACCEPT, ()))
