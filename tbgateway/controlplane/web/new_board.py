"""The page that makes a board."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.controlplane.web.access_choice import asked_entry, typed_access
from tbgateway.controlplane.web.choice import DONE, Choice, Choosing
from tbgateway.controlplane.web.forms import Form, form_of, search_of
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.picker import came_by_a_step, picker_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.refusing import refused_by
from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.model import Board
from tbgateway.domain.names import BOARD_NAME
from tbgateway.rendering.contexts.new_board import BoardPasswordPage, NewBoardPage
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_PATH = "/ui/new-board"


@dataclass(frozen=True, slots=True)
class NewBoard:
    """Answers `/ui/new-board`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's routes."""
        return (
            Route("GET", _PATH, Who.EDITORS, self.show),
            Route("POST", _PATH, Who.EDITORS, self.take_step),
        )

    async def show(self, exchange: Exchange) -> web.Response:
        """Return an empty form; experiments that the query names are chosen already."""
        choosing = self._choosing(exchange)
        form = search_of(exchange)
        return await self._answer(exchange, form, choosing, await choosing.begun(form))

    async def take_step(self, exchange: Exchange) -> web.Response:
        """Choose some more experiments, or make the board."""
        form = await form_of(exchange)
        choosing = self._choosing(exchange)
        choice = await choosing.after(form)
        if form.one("step") != DONE:
            return await self._answer(exchange, form, choosing, choice)
        try:
            return await self._make(exchange, form, choice)
        except TbgatewayError as error:
            return await self._answer(exchange, form, choosing, choice, error)

    async def _make(self, exchange: Exchange, form: Form, choice: Choice) -> web.Response:
        choice.check_is_complete()
        name = form.one("name")
        asked = asked_entry(form, name)
        board = await self.means.boards.create(
            exchange.identity, name, choice.chosen, asked.entry, start=True
        )
        if asked.generated is not None:
            return password_response(exchange, _PATH, board, asked.generated, made=True)
        return see_other(Urls.seen_from(_PATH).page("boards", board.name, said="made"))

    async def _answer(
        self,
        exchange: Exchange,
        form: Form,
        choosing: Choosing,
        choice: Choice,
        problem: TbgatewayError | None = None,
    ) -> web.Response:
        page = NewBoardPage(
            urls=Urls.seen_from(_PATH),
            reader=reader_of(exchange.identity),
            notice=choice.notice if problem is None else None,
            problem=problem,
            name=form.one("name"),
            address=_address(exchange, form.one("name")),
            picker=await picker_of(choosing, choice),
            access=typed_access(form, keeps=False),
            refused=refused_by("new-board", problem, field="name"),
        )
        response = await self.means.share.take(partial(page_response, page))
        return came_by_a_step(response, exchange)

    def _choosing(self, exchange: Exchange) -> Choosing:
        return Choosing(self.means, exchange.identity)


def _address(exchange: Exchange, name: str) -> str:
    """Return the URL of a board of this name, or of one that is still to be named."""
    usable = BOARD_NAME.fullmatch(name) is not None
    return Urls.at(exchange.external.url).board(name if usable else "NAME")


def password_response(
    exchange: Exchange, path: str, board: Board, password: str, *, made: bool
) -> web.Response:
    """Show a password that was made up, in answer to the form that asked for it at `path`."""
    page = BoardPasswordPage(
        urls=Urls.seen_from(path),
        reader=reader_of(exchange.identity),
        board=board.name,
        made=made,
        url=Urls.at(exchange.external.url).board(board.name),
        username=board.username or "",
        password=password,
    )
    return page_response(page)
