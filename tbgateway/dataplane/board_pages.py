"""What the gateway answers below a board by itself, while the board's process may still wake."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import hdrs, web

from tbgateway.dataplane.asset_answers import send_asset
from tbgateway.dataplane.redirects import redirect
from tbgateway.dataplane.waiting_pages import WaitingPages
from tbgateway.domain.errors import MethodNotAllowedError
from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange
from tbgateway.webassets import Elsewhere, Here, Home, Library, Place

_METHODS = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})

_FILE_HEADERS = {"Cache-Control": "no-cache"}
_PAGE_HEADERS = {
    **_FILE_HEADERS,
    # Word for word what TensorBoard sends with its pages.
    "Content-Security-Policy": (
        "default-src 'self';font-src 'self' data:;"
        "frame-src 'self' https://ui.perfetto.dev;img-src 'self' data: blob:;"
        "object-src 'none';style-src 'self' https://www.gstatic.com data: 'unsafe-inline';"
        "connect-src 'self';script-src 'self' 'unsafe-eval'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",  # the projector is a frame
}


@dataclass(frozen=True, slots=True)
class BoardPages:
    """TensorBoard's pages as every board has them.

    `wake` has a board started without waiting for it; it raises what keeps it from running, so
    that nobody gets the page of a board that cannot come up. `waiting` answers instead where the
    page would be empty for long.
    """

    library: Library
    wake: Callable[[BoardId], None]
    waiting: WaitingPages | None = None

    async def answer(self, exchange: Exchange, board: Board) -> web.StreamResponse | None:
        """Answer if the board itself need not; raise MethodNotAllowedError and what `wake` does."""
        place = self.library.place(exchange.params["rest"])
        if place is None:
            return None
        if exchange.request.method not in _METHODS:
            raise MethodNotAllowedError("This can only be read.", allow=_METHODS)
        self.wake(board.id)
        if self.waiting is not None and self.waiting.fits(exchange, board):
            return self.waiting.answer(exchange, board)
        return await self._at(place, exchange)

    async def _at(self, place: Place, exchange: Exchange) -> web.StreamResponse:
        path, query = (exchange.target.path, exchange.target.query) if exchange.target else ("", "")
        match place:
            case Here(asset, is_page=True):
                exchange.ours = False
                return await send_asset(exchange, asset, _PAGE_HEADERS)
            case Here(asset):
                return await send_asset(exchange, asset, _FILE_HEADERS)
            case Elsewhere(shared):
                # Without the query: it only told contents apart, as the fingerprint does.
                return redirect(Urls.seen_from(path).asset(self.library.fingerprint, shared), "")
            case Home():
                return redirect(place.path, query)
