"""The page of a board that takes long to open: better than a TensorBoard that shows nothing yet."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Protocol

from aiohttp import hdrs, web

from tbgateway.boards.membership_view import MembershipView
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board, MembershipState
from tbgateway.domain.names import BoardId
from tbgateway.rendering.contexts.waiting import ExperimentRead, Reading
from tbgateway.rendering.figures import size
from tbgateway.rendering.negotiation import preferred
from tbgateway.rendering.problems import waiting_response
from tbgateway.routes import Exchange
from tbgateway.supervisor.status import BoardStatus

_LONG = 2.0  # seconds of an opening that nobody likes to look at an empty page for
_MUCH = 200_000_000  # bytes of event files, which take about as long
_SHOWN = 20  # experiments
_TEXT, _HTML = "text/plain", "text/html"


class Boards(Protocol):
    """What is asked of the use cases around boards."""

    def status(self, board: Board) -> BoardStatus:
        """Tell what the board is doing."""

    def memberships(self, board: Board) -> tuple[MembershipView, ...]:
        """Return the board's experiments."""


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
        return self.boards.status(board).state is not BoardState.RUNNING and self._is_slow(board)

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
        return _bytes(self._shown(board)) > _MUCH if took is None else took > _LONG

    def _shown(self, board: Board) -> list[MembershipView]:
        views = self.boards.memberships(board)
        return [one for one in views if one.state is not MembershipState.REMOVING]

    def _reading(self, board: Board) -> Reading:
        shown = self._shown(board)
        largest = sorted(shown, key=attrgetter("experiment.bytes"), reverse=True)[:_SHOWN]
        return Reading(
            doing=self.boards.status(board).reason or "starting",
            seconds=int(self.openings.lasts(board.id)),
            experiments=tuple(_read(one) for one in largest),
            count=len(shown),
            size=size(_bytes(shown)),
        )


def _read(view: MembershipView) -> ExperimentRead:
    experiment = view.experiment
    return ExperimentRead(
        id=experiment.id, name=view.name, size=size(experiment.bytes), problem=view.problem or ""
    )


def _bytes(views: list[MembershipView]) -> int:
    return sum(one.experiment.bytes for one in views)


def _is_navigation(exchange: Exchange) -> bool:
    """Whether somebody opens a page, or a waiting page asks whether there is still to wait."""
    wanted = exchange.request.headers.get("Sec-Fetch-Dest", "document") in {"document", "empty"}
    reads = exchange.request.method == hdrs.METH_GET
    return wanted and reads and preferred(_accept(exchange), (_TEXT, _HTML)) == _HTML


def _accept(exchange: Exchange) -> str:
    return ", ".join(exchange.request.headers.getall(hdrs.ACCEPT, ()))
