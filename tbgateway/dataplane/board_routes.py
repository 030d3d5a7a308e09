"""The URLs of the boards: `/boards/<name>/` and everything below it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from aiohttp import hdrs, web

from tbgateway.dataplane.board_pages import BoardPages
from tbgateway.dataplane.proxying import forward
from tbgateway.dataplane.redirects import redirect
from tbgateway.dataplane.uploads import Uploads, brings_body
from tbgateway.domain.errors import NotFoundError, TimedOutError
from tbgateway.domain.model import Board, Identity
from tbgateway.domain.names import BoardId
from tbgateway.rendering.problems import waiting_response
from tbgateway.routes import Exchange, Route, Who
from tbgateway.upstream import Upstream

_BODY_LIMIT = 8 * 1_048_576
_METHODS = ("GET", "HEAD", "POST")  # TensorBoard's pages read with POST, too


@dataclass(frozen=True, slots=True)
class BoardRoutes:
    """Lets those who may look at a board through to its TensorBoard.

    `upstream` wakes the board if needed and raises what keeps it from answering; `visited` is
    told of every request that was let through, `looked` of those for the board's page and by whom.
    `pages` answers what needs no TensorBoard; without it, all that is below a board comes from its
    own process.
    """

    upstream: Callable[[BoardId], Awaitable[Upstream]]
    visited: Callable[[BoardId], None]
    pages: BoardPages | None = None
    body_limit: int = _BODY_LIMIT
    uploads: Uploads = field(default_factory=Uploads)
    looked: Callable[[Board, Identity], None] = lambda _board, _identity: None

    def routes(self) -> tuple[Route, ...]:
        """Return the routes of all boards."""
        ways = (("/boards/{board}", _add_slash), ("/boards/{board}/{rest*}", self._look))
        return tuple(
            Route(method, pattern, Who.LOOKERS, handle, self.body_limit)
            for pattern, handle in ways
            for method in _METHODS
        )

    async def _look(self, exchange: Exchange) -> web.StreamResponse:
        board = _board(exchange)
        if board.name != exchange.params["board"]:
            return _to_new_name(exchange, board)
        # An open page asks again and again, as long as it is in sight: that is a visit, too.
        self.visited(board.id)
        if not exchange.params["rest"]:
            self._note(exchange, board)
        answer = None if self.pages is None else await self.pages.answer(exchange, board)
        return await self._ask_board(exchange, board) if answer is None else answer

    def _note(self, exchange: Exchange, board: Board) -> None:
        """Tell who opened the board's page: scripts that fetch it do not count."""
        mode = exchange.request.headers.get("Sec-Fetch-Mode", "navigate")
        if exchange.request.method == hdrs.METH_GET and mode == "navigate":
            self.looked(board, exchange.identity)

    async def _ask_board(self, exchange: Exchange, board: Board) -> web.StreamResponse:
        try:
            upstream = await self.upstream(board.id)
        except TimedOutError:
            return self._ask_to_wait(exchange, board)
        successor = partial(self.upstream, board.id)
        if not brings_body(exchange.request):
            return await forward(exchange, None, upstream, successor)
        async with self.uploads.received(exchange, board.id) as body:
            return await forward(exchange, body, upstream, successor)

    def _ask_to_wait(self, exchange: Exchange, board: Board) -> web.StreamResponse:
        if self.pages is not None and self.pages.waiting is not None:
            return self.pages.waiting.answer(exchange, board)
        return waiting_response(
            board.name,
            path=exchange.target.path if exchange.target else "/",
            accept=", ".join(exchange.request.headers.getall(hdrs.ACCEPT, ())),
            request_id=exchange.request_id,
            prefix=exchange.external.prefix,
        )


async def _add_slash(exchange: Exchange) -> web.StreamResponse:
    """TensorBoard's relative URLs need the slash; without it they would lead elsewhere."""
    return redirect(f"{_board(exchange).name}/", _query(exchange))


def _to_new_name(exchange: Exchange, board: Board) -> web.StreamResponse:
    rest = exchange.params["rest"]
    up = "../" * (rest.count("/") + 1)
    return redirect(f"{up}{board.name}/{rest}", _query(exchange))


def _board(exchange: Exchange) -> Board:
    if exchange.board is None:
        raise NotFoundError("There is no such board.", command="tbgateway board list")
    return exchange.board


def _query(exchange: Exchange) -> str:
    return exchange.target.query if exchange.target else ""
