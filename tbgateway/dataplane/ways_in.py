"""What somebody is told to do whom nobody knows: to sign in, or to send a password or a token."""

from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from tbgateway.dataplane.arrivals import BOARDS
from tbgateway.rendering.negotiation import preferred
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange

_HOME, _PAGES = "/", "/ui/"
_HTML = "text/html"
_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_LONGEST = 2000  # characters of a target to come back to; proxies limit headers


def leads_to_sign_in(exchange: Exchange, accept: str) -> bool:
    """Whether a person asked for a page of ours, and can be led to the one to sign in at.

    A page's script is told the plain truth.
    """
    path = exchange.target.path if exchange.target else ""
    is_person = preferred(accept, ("text/plain", _HTML)) == _HTML and not _is_script(exchange)
    return is_person and _is_page(path)


def to_sign_in(exchange: Exchange) -> web.Response:
    """Lead there, and back afterwards."""
    headers = {"Location": way_in(exchange), "Vary": "Accept, Sec-Fetch-Dest"}
    return web.Response(status=HTTPStatus.SEE_OTHER, headers=headers)


def way_in(exchange: Exchange) -> str:
    """Return the URL of the page to sign in at, or nothing for somebody who did already.

    It leads back to what was asked for, or to the page whose form was sent; then it says that
    nothing of that was kept.
    """
    target = exchange.target
    if target is None or exchange.session is not None:
        return ""
    urls = Urls.seen_from(target.path)
    reads = exchange.request.method in _READING
    goal = _joined(target.path, target.query) if reads else _page_of_form(exchange)
    said = {} if reads else {"unsaved": "1"}
    if goal == _HOME or len(goal) > _LONGEST:
        return urls.page("sign-in", **said)
    return urls.page("sign-in", next=goal, **said)


def _page_of_form(exchange: Exchange) -> str:
    """Return where the form was, below the prefix: as far as the browser says so."""
    try:
        page = urlsplit(exchange.request.headers.get(hdrs.REFERER, ""))
    except ValueError:
        return _HOME
    path = page.path.removeprefix(exchange.external.prefix)
    return _joined(path, page.query) if _is_page(path) else _HOME


def _joined(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _is_page(path: str) -> bool:
    return path == _HOME or path.startswith(_PAGES)


def _is_script(exchange: Exchange) -> bool:
    return exchange.request.headers.get("Sec-Fetch-Dest") == "empty"


def challenge(exchange: Exchange) -> dict[str, str]:
    """Return the header that says what to send.

    A browser that is asked for a password opens a dialog. It does so where only a dialog can help:
    at a board's URL, and at what is no page. Not for the requests of a page's script, and not where
    somebody signed out and the browser still repeats the password.
    """
    at_board = exchange.target is not None and exchange.target.path.startswith(BOARDS)
    if (exchange.left or _is_script(exchange)) and not at_board:
        return {hdrs.WWW_AUTHENTICATE: f'Bearer realm="{exchange.realm}"'}
    return {hdrs.WWW_AUTHENTICATE: f'Basic realm="{exchange.realm}", charset="UTF-8"'}
