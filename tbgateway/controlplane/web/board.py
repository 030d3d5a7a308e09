"""The page about a board."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.controlplane.web.access_choice import access_of, typed_access
from tbgateway.controlplane.web.board_activity import activity_of
from tbgateway.controlplane.web.board_head import head_of
from tbgateway.controlplane.web.board_notices import HURRIED, notice_of
from tbgateway.controlplane.web.forms import Form, search_of
from tbgateway.controlplane.web.idle_choice import idle_of, typed_idle
from tbgateway.controlplane.web.means import Means
from tbgateway.controlplane.web.membership_list import MembershipList
from tbgateway.controlplane.web.membership_search import MembershipSearch
from tbgateway.controlplane.web.page_urls import urls_of
from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.controlplane.web.refusing import refused_by
from tbgateway.domain.access import may_change
from tbgateway.domain.errors import NotFoundError, TbgatewayError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board
from tbgateway.rendering.contexts.board import BoardForms, BoardHead, BoardPage, Share
from tbgateway.rendering.pages import page_response
from tbgateway.rendering.reader import reader_of
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who

_LOG_LINES = 50
_MOMENT = 30.0  # seconds for which a board that was just made is waited for


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent, by its verb, and why it was refused."""

    verb: str
    form: Form
    problem: TbgatewayError


@dataclass(frozen=True, slots=True)
class BoardAlone:
    """Answers `/ui/boards/{board}`."""

    means: Means

    def routes(self) -> tuple[Route, ...]:
        """Return the page's route."""
        return (Route("GET", "/ui/boards/{board}", Who.VIEWERS, self.show),)

    async def show(self, exchange: Exchange) -> web.Response:
        """Return the page; a former name, or an id, leads to the address it has now."""
        board = self.found(exchange)
        if board.name != exchange.params["board"]:
            return see_other(urls_of(exchange).board_page(board.name))
        return await self.answer(exchange, board, search_of(exchange))

    def found(self, exchange: Exchange) -> Board:
        """Return the board that the path names, or named before; raise NotFoundError."""
        name, identity = exchange.params["board"], exchange.identity
        try:
            return self.means.boards.find(name, identity)
        except NotFoundError:
            renamed = self.means.boards.renamed(name, identity)
            if renamed is None:
                raise
            return renamed

    async def answer(
        self, exchange: Exchange, board: Board, query: Form, refused: Sent | None = None
    ) -> web.Response:
        """Return the page about a board, with what was wrong in a form, if one was refused."""
        share, now = self.means.share, self.means.clock()
        urls, boards = urls_of(exchange), self.means.boards
        memberships = await MembershipList.read(self.means, board, MembershipSearch.of(query))
        head = head_of(board, boards.status(board), memberships.tally, now)
        page = BoardPage(
            urls=urls,
            reader=reader_of(exchange.identity),
            notice=notice_of(query, board, self.means, urls),
            problem=refused.problem if refused else None,
            board=head,
            memberships=await share.take(partial(memberships.part, urls, self.means)),
            share=_share(exchange, board),
            activity=activity_of(self.means, exchange.identity, board),
            forms=await self._forms(exchange, board, refused),
            hurries=query.one("said") in HURRIED and _is_on_its_way(head, board, now),
        )
        return await share.take(partial(page_response, page))

    async def _forms(
        self, exchange: Exchange, board: Board, refused: Sent | None
    ) -> BoardForms | None:
        if not may_change(exchange.identity, board):
            return None
        verb = refused.verb if refused else ""
        typed = refused.form if refused else Form({})
        keeps = board.password_hash is not None
        return BoardForms(
            refused=refused_by(verb, refused.problem, field="name") if refused else None,
            name=typed.one("name") if verb == "rename" else board.name,
            access=typed_access(typed, keeps=keeps) if verb == "access" else access_of(board),
            idle=typed_idle(typed) if verb == "idle" else idle_of(board),
            log=await self.means.boards.log(exchange.identity, board.id, _LOG_LINES),
        )


def _share(exchange: Exchange, board: Board) -> Share:
    return Share(
        url=Urls.at(exchange.external.url).board(board.name),
        username=(board.username or "") if board.access is Access.PASSWORD else "",
    )


def _is_on_its_way(head: BoardHead, board: Board, now: float) -> bool:
    """Whether a board that somebody asked for will do or show something else in a moment."""
    new = head.state is BoardState.SLEEPING and now - board.created_at < _MOMENT
    return new or not head.settled
