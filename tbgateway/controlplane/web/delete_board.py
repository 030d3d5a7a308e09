"""The page that asks before a board is deleted."""

from dataclasses import dataclass

from aiohttp import web

from tbgateway.controlplane.web.board import BoardAlone
from tbgateway.controlplane.web.forms import form_of
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.refusing import refused_by
from tbgateway.controlplane.web.selection_notice import Verb, done_query
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Board, MembershipState
from tbgateway.rendering.contexts.board import DeleteBoardPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange, Route, Who

_PATH = "/ui/boards/{board}/delete"


@dataclass(frozen=True, slots=True)
class DeleteBoard:
    """Answers `/ui/boards/{board}/delete`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        return (
            Route("GET", _PATH, Who.EDITORS, self.show),
            Route("POST", _PATH, Who.EDITORS, self.delete),
        )

    async def show(self, exchange: Exchange) -> web.Response:
        """Ask for the board's name."""
        return self._answer(exchange, BoardAlone(self.means).found(exchange))

    async def delete(self, exchange: Exchange) -> web.Response:
        """Delete the board, if its name was typed."""
        form = await form_of(exchange)
        board = BoardAlone(self.means).found(exchange)
        try:
            _check_confirmed(board, form.one("name"))
            await self.means.boards.delete(exchange.identity, board.id)
        except TbgatewayError as error:
            return self._answer(exchange, board, error)
        return see_other(urls_of(exchange).boards(**done_query(Verb.DELETE, [board.name])))

    def _answer(
        self, exchange: Exchange, board: Board, problem: TbgatewayError | None = None
    ) -> web.Response:
        states = self.means.boards.membership_states(board)
        page = DeleteBoardPage(
            urls=urls_of(exchange),
            reader=reader_of(exchange.identity),
            problem=problem,
            board=board.name,
            experiments=states.total() - states[MembershipState.REMOVING],
            refused=refused_by("delete", problem, field="name"),
        )
        return page_response(page)


def _check_confirmed(board: Board, typed: str) -> None:
    if typed != board.name:
        raise InvalidInputError(
            "This is not the board's name.", hint=f"Type {board.name} to delete it.", field="name"
        )
