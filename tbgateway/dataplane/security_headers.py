"""The step that keeps browsers careful with what the gateway itself answers.

Boards answer under TensorBoard's own policy. A second one adds to its restrictions: the one below
would break every dashboard, but one that narrows by path would not.
"""

from types import MappingProxyType

from aiohttp import web

from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.means import Means, Next
from tbgateway.routes import Exchange

SECURITY_HEADERS = MappingProxyType(
    {
        # A page of ours needs its stylesheet and its icon. No script, not even from this origin:
        # boards share the origin, and what they serve comes out of other people's experiments.
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        ),
        # One response without it would let a board's script hold on to a window it opened.
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
)
"""What every answer of our own carries; a handler may say otherwise, as files do about caches."""


async def secure_responses(
    _means: Means, exchange: Exchange, call_next: Next
) -> web.StreamResponse:
    """See to it that every answer of our own leaves with its security headers."""
    request = incoming(exchange)
    request.before_headers(lambda response: _secure(response, ours=exchange.ours))
    return await call_next(exchange)


def _secure(response: web.StreamResponse, *, ours: bool) -> None:
    if ours:
        secure(response)


def secure(response: web.StreamResponse) -> None:
    """Add the headers that the response does not have yet."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
