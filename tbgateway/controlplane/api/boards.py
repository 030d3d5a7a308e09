"""Boards, in the API."""

from dataclasses import dataclass
from functools import partial

from aiohttp import web

from tbgateway.boards import Boards, Entry, MembershipView
from tbgateway.controlplane.api import board_operations as describe
from tbgateway.controlplane.api.answering import answer, listed, nothing, plain
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of, wait_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.access import may_change
from tbgateway.domain.errors import UnavailableError
from tbgateway.domain.model import Board
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import BoardAnswer, BoardList, MembershipAnswer
from tbgateway.schemas.fields import Secret
from tbgateway.schemas.requests import (
    BoardQuery,
    ChangeBoard,
    ChangeMemberships,
    CreateBoard,
    ListQuery,
    LogQuery,
    NoQuery,
)

_ROOT = "/api/v1/boards"
_ONE = f"{_ROOT}/{{board}}"
_EXPERIMENTS = f"{_ONE}/experiments"
_EXPERIMENT = f"{_EXPERIMENTS}/{{experiment}}"


def routes(boards: Boards, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes of boards."""
    api = BoardsApi(boards, share)
    return (
        Route("GET", _ROOT, Who.VIEWERS, api.list, operation=describe.LIST),
        Route("POST", _ROOT, Who.EDITORS, api.create, operation=describe.CREATE),
        Route("GET", _ONE, Who.VIEWERS, api.show, operation=describe.SHOW),
        Route("PATCH", _ONE, Who.EDITORS, api.change, operation=describe.CHANGE),
        Route("DELETE", _ONE, Who.EDITORS, api.delete, operation=describe.DELETE),
        Route("POST", f"{_ONE}/start", Who.EDITORS, api.start, operation=describe.START),
        Route("POST", f"{_ONE}/stop", Who.EDITORS, api.stop, operation=describe.STOP),
        Route("GET", f"{_ONE}/log", Who.EDITORS, api.log, operation=describe.LOG),
        Route(
            "POST",
            _EXPERIMENTS,
            Who.EDITORS,
            api.change_experiments,
            operation=describe.CHANGE_EXPERIMENTS,
        ),
        Route("PUT", _EXPERIMENT, Who.EDITORS, api.add, operation=describe.ADD),
        Route("DELETE", _EXPERIMENT, Who.EDITORS, api.remove, operation=describe.REMOVE),
    )


@dataclass(frozen=True, slots=True)
class BoardsApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    boards: Boards
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /boards."""
        query = query_of(exchange, ListQuery)
        return await listed(
            self.boards.list(exchange.identity),
            query,
            BoardList,
            key=lambda board: board.name,
            shown=partial(board_answer, self.boards, exchange),
            share=self.share,
        )

    async def show(self, exchange: Exchange) -> web.Response:
        """GET /boards/{board}."""
        query = query_of(exchange, BoardQuery)
        board = self.boards.find(exchange.params["board"], exchange.identity)
        seconds = wait_of(exchange)
        if query.until is None:
            return self._answer(exchange, board)
        reached = await self.boards.wait(board, query.until, seconds=seconds or 0.0)
        return self._answer(exchange, board, status=200 if reached else 202)

    async def create(self, exchange: Exchange) -> web.Response:
        """POST /boards."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, CreateBoard)
        entry = Entry(access=body.access, username=body.username, password=_told(body.password))
        board = await self.boards.create(exchange.identity, body.name, body.experiments, entry)
        made = await self._changed(exchange, board, status=201)
        made.headers["Location"] = Urls.at(exchange.external.url).api("boards", board.id)
        return made

    async def change(self, exchange: Exchange) -> web.Response:
        """PATCH /boards/{board}."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, ChangeBoard)
        return self._answer(exchange, await self._apply(exchange, body))

    async def delete(self, exchange: Exchange) -> web.Response:
        """DELETE /boards/{board}."""
        await nothing_else(exchange)
        await self.boards.delete(exchange.identity, exchange.params["board"])
        return nothing()

    async def start(self, exchange: Exchange) -> web.Response:
        """POST /boards/{board}/start."""
        await nothing_else(exchange)
        board = await self.boards.start(exchange.identity, exchange.params["board"])
        return await self._changed(exchange, board)

    async def stop(self, exchange: Exchange) -> web.Response:
        """POST /boards/{board}/stop."""
        await nothing_else(exchange)
        board = await self.boards.pause(exchange.identity, exchange.params["board"])
        return self._answer(exchange, board)

    async def log(self, exchange: Exchange) -> web.Response:
        """GET /boards/{board}/log."""
        query = query_of(exchange, LogQuery)
        identity, board = exchange.identity, exchange.params["board"]
        return plain(await self.boards.log(identity, board, query.lines))

    async def change_experiments(self, exchange: Exchange) -> web.Response:
        """POST /boards/{board}/experiments."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, ChangeMemberships)
        board = await self.boards.change_experiments(
            exchange.identity, exchange.params["board"], add=body.add, remove=body.remove
        )
        return await self._changed(exchange, board)

    async def add(self, exchange: Exchange) -> web.Response:
        """PUT /boards/{board}/experiments/{experiment}."""
        await nothing_else(exchange)
        board = await self.boards.change_experiments(
            exchange.identity, exchange.params["board"], add=[exchange.params["experiment"]]
        )
        return await self._changed(exchange, board)

    async def remove(self, exchange: Exchange) -> web.Response:
        """DELETE /boards/{board}/experiments/{experiment}."""
        await nothing_else(exchange)
        board = await self.boards.change_experiments(
            exchange.identity, exchange.params["board"], remove=[exchange.params["experiment"]]
        )
        return await self._changed(exchange, board)

    async def _apply(self, exchange: Exchange, body: ChangeBoard) -> Board:
        identity, board = exchange.identity, exchange.params["board"]
        if body.name is not None:
            return await self.boards.rename(identity, board, body.name)
        if body.paused is not None:
            change = self.boards.pause if body.paused else self.boards.start
            return await change(identity, board)
        if body.sets_idle_timeout:
            return await self.boards.set_idle_timeout(identity, board, body.idle_timeout)
        entry = Entry(access=body.access, username=body.username, password=_told(body.password))
        return await self.boards.set_entry(identity, board, entry)

    async def _changed(
        self, exchange: Exchange, board: Board, *, status: int = 200
    ) -> web.Response:
        """Answer after a change, or when its experiments are visible if the client waits for it."""
        seconds = wait_of(exchange)
        reached = seconds is None or await self._is_visible(board, seconds)
        return self._answer(exchange, board, status=status if reached else 202)

    async def _is_visible(self, board: Board, seconds: float) -> bool:
        try:
            return await self.boards.wait(board, "visible", seconds=seconds)
        except UnavailableError:  # the change was made all the same; the board's state says more
            return False

    def _answer(self, exchange: Exchange, board: Board, *, status: int = 200) -> web.Response:
        return answer(board_answer(self.boards, exchange, board), status=status)


def board_answer(boards: Boards, exchange: Exchange, board: Board) -> BoardAnswer:
    """Return the board as the one who asks sees it."""
    status, used = boards.status(board), boards.used(board)
    return BoardAnswer(
        id=board.id,
        name=board.name,
        url=Urls.at(exchange.external.url).board(board.name),
        state=status.state,
        reason=status.reason,
        access=board.access,
        owner=board.owner,
        username=board.username,
        experiments=tuple(_membership(view) for view in boards.memberships(board, status)),
        created_at=board.created_at,
        last_visited_at=board.last_visited_at,
        idle_timeout=board.idle_timeout,
        notes=status.notes,
        log=status.log_tail if may_change(exchange.identity, board) else "",
        memory=None if used is None else used.memory,
        cpu=None if used is None else round(used.cpu, 3),
    )


def _membership(view: MembershipView) -> MembershipAnswer:
    return MembershipAnswer(
        id=view.experiment.id,
        name=view.name,
        state=view.state,
        visible=view.visible,
        problem=view.problem,
    )


def _told(password: Secret | None) -> str | None:
    return None if password is None else password.get_secret_value()
