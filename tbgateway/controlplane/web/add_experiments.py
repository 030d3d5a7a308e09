"""The page that puts experiments on a board."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.controlplane.web.board import BoardAlone
from tbgateway.controlplane.web.choice import DONE, Choice, Choosing
from tbgateway.controlplane.web.forms import form_of, search_of
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.picker import came_by_a_step, picker_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.domain.errors import InvalidInputError, TbgatewayError
from tbgateway.domain.model import Board
from tbgateway.domain.names import ExperimentId
from tbgateway.rendering.contexts.picker import AddExperimentsPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.routes import Exchange, Route, Who

_PATH = "/ui/boards/{board}/add"


@dataclass(frozen=True, slots=True)
class AddExperiments:
    """Answers `/ui/boards/{board}/add`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        return (
            Route("GET", _PATH, Who.EDITORS, self.show),
            Route("POST", _PATH, Who.EDITORS, self.take_step),
        )

    async def show(self, exchange: Exchange) -> web.Response:
        """Return the page with nothing chosen, or what the query names."""
        board = BoardAlone(self.means).found(exchange)
        choosing = await self._choosing(exchange, board)
        choice = await choosing.begun(search_of(exchange))
        return await self._answer(exchange, board, choosing, choice)

    async def take_step(self, exchange: Exchange) -> web.Response:
        """Choose some more, or put what is chosen on the board."""
        form = await form_of(exchange)
        board = BoardAlone(self.means).found(exchange)
        choosing = await self._choosing(exchange, board)
        choice = await choosing.after(form)
        if form.one("step") != DONE:
            return await self._answer(exchange, board, choosing, choice)
        try:
            return await self._add(exchange, board, choice)
        except TbgatewayError as error:
            return await self._answer(exchange, board, choosing, choice, error)

    async def _add(self, exchange: Exchange, board: Board, choice: Choice) -> web.Response:
        choice.check_is_complete()
        if not choice.chosen:
            raise InvalidInputError(
                "No experiment was selected that is not on the board already.",
                hint="Tick some, then try again.",
            )
        changed = await self.means.boards.change_experiments(
            exchange.identity, board.id, add=choice.chosen
        )
        added = str(len(choice.chosen))
        return see_other(urls_of(exchange).page("boards", changed.name, added=added))

    async def _answer(
        self,
        exchange: Exchange,
        board: Board,
        choosing: Choosing,
        choice: Choice,
        problem: TbgatewayError | None = None,
    ) -> web.Response:
        page = AddExperimentsPage(
            urls=urls_of(exchange),
            reader=reader_of(exchange.identity),
            notice=choice.notice if problem is None else None,
            problem=problem,
            board=board.name,
            picker=await picker_of(choosing, choice),
        )
        response = await self.means.share.take(partial(page_response, page))
        return came_by_a_step(response, exchange)

    async def _choosing(self, exchange: Exchange, board: Board) -> Choosing:
        present = await self.means.share.take(partial(self._present, board))
        return Choosing(self.means, exchange.identity, present)

    def _present(self, board: Board) -> Collection[ExperimentId]:
        records = self.means.boards.membership_records(board)
        return {one.experiment_id for one in records if not one.removing}
