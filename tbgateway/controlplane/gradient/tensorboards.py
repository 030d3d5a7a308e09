"""Gradient's TensorBoards: boards, by another API."""

from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from tbgateway.boards import Boards, Entry, Wish
from tbgateway.controlplane.api.answering import answer
from tbgateway.controlplane.api.asking import body_of, nothing_else, query_of
from tbgateway.controlplane.gradient.answering import tensorboard
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.domain.model import Access, Board
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.gradient import ChangeTensorboard, CreateTensorboard, Done
from tbgateway.schemas.operations import JSON
from tbgateway.schemas.requests import NoQuery

_ROOT = "/tensorboards/v1"
_ONE = f"{_ROOT}/{{tensorboard}}"


def routes(boards: Boards, share: LoopShare) -> tuple[Route, ...]:
    """Return the routes, each with and without a slash at its end: the client sends either."""
    api = TensorboardsApi(boards, share)
    return (*_routes(api, ""), *_routes(api, "/"))


def _routes(api: "TensorboardsApi", slash: str) -> Iterator[Route]:
    for method, path, who, handle in (
        ("GET", _ROOT, Who.VIEWERS, api.list),
        ("POST", _ROOT, Who.EDITORS, api.create),
        ("GET", _ONE, Who.VIEWERS, api.show),
        ("PUT", _ONE, Who.EDITORS, api.change),
        ("DELETE", _ONE, Who.EDITORS, api.delete),
    ):
        yield Route(method, path + slash, who, handle, takes_api_key=True)


@dataclass(frozen=True, slots=True)
class TensorboardsApi:
    """The handlers: each reads the request, asks one use case, and answers."""

    boards: Boards
    share: LoopShare

    async def list(self, exchange: Exchange) -> web.Response:
        """GET /tensorboards/v1/."""
        await nothing_else(exchange)
        seen = self.boards.list(exchange.identity)
        shown = [await self._shown(exchange, one) for one in seen]
        return _success(f"[{','.join(shown)}]")

    async def show(self, exchange: Exchange) -> web.Response:
        """GET /tensorboards/v1/{tensorboard}/."""
        await nothing_else(exchange)
        board = self.boards.find(exchange.params["tensorboard"], exchange.identity)
        return await self._answer(exchange, board)

    async def create(self, exchange: Exchange) -> web.Response:
        """POST /tensorboards/v1/."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, CreateTensorboard)
        board = await self.boards.create(
            exchange.identity, None, body.experiments, _entry(body), wish=_wish(body)
        )
        return await self._answer(exchange, board)

    async def change(self, exchange: Exchange) -> web.Response:
        """PUT /tensorboards/v1/{tensorboard}."""
        query_of(exchange, NoQuery)
        body = await body_of(exchange, ChangeTensorboard)
        board = await self.boards.change_experiments(
            exchange.identity,
            exchange.params["tensorboard"],
            add=body.added_experiments,
            remove=body.removed_experiments,
        )
        return await self._answer(exchange, board)

    async def delete(self, exchange: Exchange) -> web.Response:
        """DELETE /tensorboards/v1/{tensorboard}."""
        await nothing_else(exchange)
        await self.boards.delete(exchange.identity, exchange.params["tensorboard"])
        return answer(Done())

    async def _shown(self, exchange: Exchange, board: Board) -> str:
        return await tensorboard(self.boards, self.share, exchange, board)

    async def _answer(self, exchange: Exchange, board: Board) -> web.Response:
        return _success(await self._shown(exchange, board))


def _success(data: str) -> web.Response:
    """Return that it is done, with what is in JSON already."""
    done = Done().model_dump_json().removesuffix("}")
    return web.Response(body=f'{done},"data":{data}}}'.encode(), content_type=JSON)


def _entry(body: CreateTensorboard) -> Entry:
    """Return who may look: who knows the password, if either half of it was given, else members."""
    if body.username is None and body.password is None:
        return Entry()
    password = None if body.password is None else body.password.get_secret_value()
    return Entry(access=Access.PASSWORD, username=body.username, password=password)


def _wish(body: CreateTensorboard) -> Wish:
    instance = {} if body.instance is None else body.instance.model_dump(exclude_none=True)
    return Wish(body.image or "", instance)
