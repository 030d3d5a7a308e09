"""The step that keeps browsers careful with whatever is answered.

What the gateway itself answers needs next to nothing. Boards answer under TensorBoard's own
policy, and under a second one that keeps them below their own URL.
"""

from collections.abc import Awaitable
from functools import lru_cache
from types import MappingProxyType

from aiohttp import web

from tbgateway.dataplane.board_policy import confine
from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.means import Means, Next
from tbgateway.dataplane.policy_sources import Root, everywhere, roots_of
from tbgateway.routes import Exchange

_POLICY = "Content-Security-Policy"
_POLICIES = 64  # how many are remembered


def own_policy(static: str = "'self'") -> str:
    """Return the policy of our own answers; `static` are the sources of the product's own files.

    A page of ours needs its stylesheet, its icon and its scripts. Not any script of this origin:
    boards share the origin, and what they serve comes out of other people's experiments. A worker
    has the policy of its own script's answer, so all of them may talk to the gateway. No text is
    ever made into HTML or code there, but for the address of that one worker.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {static}",
            f"worker-src {static}",
            f"style-src {static}",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types worker",
        )
    )


SECURITY_HEADERS = MappingProxyType(
    {
        _POLICY: own_policy(),
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


def secure_responses(
    _means: Means, exchange: Exchange, call_next: Next
) -> Awaitable[web.StreamResponse]:
    """See to it that every answer leaves with the security headers that fit it."""
    request = incoming(exchange)
    request.before_headers(lambda response: _secure(response, exchange))
    return call_next(exchange)


def _secure(response: web.StreamResponse, exchange: Exchange) -> None:
    if exchange.ours or exchange.board is None:
        response.headers.setdefault(_POLICY, _policy_at(roots_of(exchange)))
        secure(response)
    else:
        confine(response, exchange, exchange.board.name)


def secure(response: web.StreamResponse) -> None:
    """Add the headers that the response does not have yet."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)


@lru_cache(_POLICIES)
def _policy_at(roots: tuple[Root, ...]) -> str:
    return own_policy(everywhere(roots, "/ui/static/"))
