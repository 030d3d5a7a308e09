"""The step that refuses what another site, or a page of a board, makes a browser ask for.

Browsers add passwords and cookies to requests by themselves, whoever made them ask. They do say
who it was: in Sec-Fetch-* headers, which no script can change, in Origin and, less reliably, in
Referer.
"""

from collections.abc import Awaitable
from urllib.parse import SplitResult, urlsplit

from aiohttp import hdrs, web

from tbgateway.dataplane.arrivals import BOARDS
from tbgateway.dataplane.means import Means, Next
from tbgateway.domain.errors import DeniedError, UnsupportedMediaTypeError
from tbgateway.rendering.problems import is_for_programs
from tbgateway.routes import Exchange, Who

_MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OWN_SITES = frozenset({"same-origin", "none"})  # "none": the person typed or bookmarked it
_PAGES = "/ui/"
_FORM = "application/x-www-form-urlencoded"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_PURPOSES = {
    # a change?, by the API?: what the answer is for, in the words of Sec-Fetch-Dest
    (False, True): frozenset({"empty", "document"}),  # for a script, or a person who is curious
    (True, True): frozenset({"empty"}),
    (True, False): frozenset({"empty", "document"}),  # of a form
}


def refuse_cross_site(
    _means: Means, exchange: Exchange, call_next: Next
) -> Awaitable[web.StreamResponse]:
    """Raise DeniedError for what a browser asks for on behalf of somebody who may not.

    A change must come from the gateway's own site. What is not a board's must be asked for in the
    way of a page that uses it, and by no page of a board. Tokens and the control socket are used
    on purpose: no browser adds these by itself. Raise UnsupportedMediaTypeError for what a page's
    form cannot have sent, whoever did.
    """
    if not exchange.deliberate:
        _check_site(exchange)
        if not _path(exchange).startswith(BOARDS):
            _check_purpose(exchange)
            _check_page(exchange)
    _check_form(exchange)
    return call_next(exchange)


def _check_site(exchange: Exchange) -> None:
    if _is_change(exchange) and not _from_own_site(exchange):
        raise DeniedError(
            "Another site asked for this change.",
            hint="Open the gateway itself and do it there, or use an API token.",
        )


def _check_purpose(exchange: Exchange) -> None:
    """Refuse to be a script, an image, a module… and changes that are browsers' reports."""
    fitting = _PURPOSES.get((_is_change(exchange), _is_for_programs(exchange)))
    purposes = exchange.request.headers.getall("Sec-Fetch-Dest", ())
    if fitting is not None and not fitting.issuperset(purposes):
        raise DeniedError("A browser asked for this, but not in the way of a page that uses it.")


def _check_page(exchange: Exchange) -> None:
    """Refuse what a board's page asks for but to go on to another page.

    The page's content security policy keeps it from asking. This holds as well where a browser
    does not know that, though only against pages that do not hide where they are.
    """
    if _is_more_than_a_link(exchange) and any(
        _is_a_boards(page, exchange) for page in exchange.request.headers.getall(hdrs.REFERER, ())
    ):
        raise DeniedError(
            "A board's page asked for this.", hint="Use an API token outside of the browser."
        )


def _is_more_than_a_link(exchange: Exchange) -> bool:
    """Whether it changes something, or a script reads it that is not for everybody."""
    if _is_change(exchange) or _is_for_programs(exchange):
        return True
    private = exchange.route is not None and exchange.route.who is not Who.ANYONE
    return private and exchange.request.headers.get("Sec-Fetch-Dest") == "empty"


def _check_form(exchange: Exchange) -> None:
    """Refuse what only a script can send, or a form of another kind than ours."""
    is_form = exchange.request.content_type == _FORM
    if _is_change(exchange) and _path(exchange).startswith(_PAGES) and not is_form:
        raise UnsupportedMediaTypeError(
            f"The body's Content-Type is not {_FORM}.",
            hint="Send the page's form; programs use the API below /api/v1.",
        )


def _is_change(exchange: Exchange) -> bool:
    return exchange.request.method in _MUTATING


def _is_for_programs(exchange: Exchange) -> bool:
    return is_for_programs(_path(exchange))


def _path(exchange: Exchange) -> str:
    return exchange.target.path if exchange.target else ""


def _from_own_site(exchange: Exchange) -> bool:
    sites = exchange.request.headers.getall("Sec-Fetch-Site", ())
    if sites:
        return _OWN_SITES.issuperset(sites)
    origins = exchange.request.headers.getall(hdrs.ORIGIN, ())
    if not origins and exchange.session is not None:
        return False  # only browsers have sessions, and each of them says one or the other
    return all(_is_own(_split(origin), exchange) for origin in origins)


def _is_a_boards(page: str, exchange: Exchange) -> bool:
    parts = _split(page)
    path = parts.path.removeprefix(exchange.external.prefix)
    return _is_own(parts, exchange) and path.startswith(BOARDS)


def _is_own(parts: SplitResult, exchange: Exchange) -> bool:
    own = {exchange.request.headers.get(hdrs.HOST, ""), exchange.external.host}
    return _bare(parts.netloc, parts.scheme) in {_bare(host, parts.scheme) for host in own if host}


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _bare(host: str, scheme: str) -> str:
    return host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
