"""The step that keeps browsers careful with what the gateway itself answers.

Boards answer under TensorBoard's own rules: a second Content-Security-Policy would break them.
"""

from types import MappingProxyType

from aiohttp import hdrs, web

from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.means import Means, Next
from tbgateway.routes import Exchange

_UNAUTHENTICATED = 401

SECURITY_HEADERS = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        # One response without it would let a board's script hold on to a window it opened.
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)


async def secure_responses(
    _means: Means, exchange: Exchange, call_next: Next
) -> web.StreamResponse:
    """See to it that every answer of our own leaves with its security headers."""
    request = incoming(exchange)
    request.before_headers(lambda response: _secure(response, ours=exchange.ours))
    return await call_next(exchange)


def _secure(response: web.StreamResponse, *, ours: bool) -> None:
    if not ours:
        return
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if response.status == _UNAUTHENTICATED or _is_json(response):
        response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


def _is_json(response: web.StreamResponse) -> bool:
    kind = response.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0]
    return kind == "application/json" or kind.endswith("+json")
