"""The step that refuses changes which another site made a browser ask for."""

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from tbgateway.dataplane.means import Means, Next
from tbgateway.domain.errors import DeniedError
from tbgateway.routes import Exchange

_MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OWN_SITES = frozenset({"same-origin", "none"})  # "none": the person typed or bookmarked it
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


async def refuse_cross_site(
    _means: Means, exchange: Exchange, call_next: Next
) -> web.StreamResponse:
    """Raise DeniedError for a change that a browser asks for on behalf of another site.

    Browsers add passwords to requests of any site, but neither tokens nor the control socket.
    """
    mutating = exchange.request.method in _MUTATING
    if mutating and not exchange.deliberate and not _from_own_site(exchange):
        raise DeniedError(
            "Another site asked for this change.",
            hint="Open the gateway itself and do it there, or use an API token.",
        )
    return await call_next(exchange)


def _from_own_site(exchange: Exchange) -> bool:
    sites = exchange.request.headers.getall("Sec-Fetch-Site", ())
    if sites:
        return all(site in _OWN_SITES for site in sites)
    origins = exchange.request.headers.getall(hdrs.ORIGIN, ())
    return all(_is_own(origin, exchange) for origin in origins)


def _is_own(origin: str, exchange: Exchange) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    own = {exchange.request.headers.get(hdrs.HOST, ""), exchange.external.host}
    return _bare(parts.netloc, parts.scheme) in {_bare(host, parts.scheme) for host in own if host}


def _bare(host: str, scheme: str) -> str:
    return host.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ""))
