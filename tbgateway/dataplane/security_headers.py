"""The step that keeps browsers careful with whatever is answered.

What the gateway itself answers needs next to nothing. Boards answer under TensorBoard's own
policy, and under a second one that keeps them below their own URL.
"""

from types import MappingProxyType

from aiohttp import web

from tbgateway.dataplane.board_policy import confine
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
    """See to it that every answer leaves with the security headers that fit it."""
    request = incoming(exchange)
    request.before_headers(lambda response: _secure(response, exchange))
    return await call_next(exchange)


def _secure(response: web.StreamResponse, exchange: Exchange) -> None:
    if exchange.ours or exchange.board is None:
        secure(response)
    else:
        confine(response, exchange, exchange.board.name)


def secure(response: web.StreamResponse) -> None:
    """Add the headers that the response does not have yet."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
