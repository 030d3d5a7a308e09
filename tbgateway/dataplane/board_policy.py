"""What a board's answers may reach in a browser: the board itself, and static files.

All boards are of one origin, so the browser alone would let the scripts of one read all others.
These headers stand beside TensorBoard's own policy; what either forbids is forbidden.
"""

import re
from functools import lru_cache
from types import MappingProxyType

from aiohttp import hdrs, web

from tbgateway.dataplane.policy_sources import Root, everywhere, roots_of
from tbgateway.routes import Exchange

_POLICIES = 512  # how many are remembered
_POLICY = "Content-Security-Policy"
_OF_DATA = "default-src 'none'; frame-ancestors 'self'; sandbox"
"""Forbids everything, in a tenth of the words: a page asks for its data in a dozen answers."""

_JSON = re.compile(r"application/json(?:; ?charset=utf-8)?", re.IGNORECASE)

# No allow-popups: a script that has opened a window keeps its hand on it, and on its own window
# through it, while one of them goes on to another board. Opener policies do not end that.
_SANDBOX = (
    "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals allow-pointer-lock"
    " allow-top-navigation-by-user-activation"
)

_NO_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

BOARD_HEADERS = MappingProxyType(
    {
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "same-origin",  # where a request came from is looked at, see cross_site
        "X-Content-Type-Options": "nosniff",
    }
)
"""What every answer of a board carries, whatever the board says about it."""


def confine(response: web.StreamResponse, exchange: Exchange, board: str) -> None:
    """Limit an answer of `board`, by name, to the board's own URL."""
    response.headers.update(BOARD_HEADERS)
    response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    if _is_data(response):
        response.headers.add(_POLICY, _OF_DATA)
        return
    response.headers["Permissions-Policy"] = _NO_PERMISSIONS
    response.headers.add(_POLICY, board_policy(exchange, board))


def _is_data(response: web.StreamResponse) -> bool:
    """Whether no browser will ever take the answer for anything but data: nosniff is set, too."""
    types = response.headers.getall(hdrs.CONTENT_TYPE, ())
    return len(types) == 1 and _JSON.fullmatch(types[0]) is not None


def board_policy(exchange: Exchange, board: str) -> str:
    """Return the policy for the answers of one board.

    Its paths end in slashes and so stand for everything below. A policy's path does not hold for
    where a request is redirected to: see locations, which keeps a board's redirects below it.
    """
    return _policy(roots_of(exchange), board)


@lru_cache(_POLICIES)
def _policy(roots: tuple[Root, ...], board: str) -> str:
    own = everywhere(roots, f"/boards/{board}/")
    reachable = f"{own} {everywhere(roots, '/assets/')} data: blob:"
    return "; ".join(
        (
            f"default-src {reachable} 'unsafe-inline' 'unsafe-eval'",
            # The two foreign sources are TensorBoard's own, as is what is looser above.
            f"style-src {reachable} 'unsafe-inline' https://www.gstatic.com",
            f"frame-src {reachable} https://ui.perfetto.dev",
            f"base-uri {own}",
            f"form-action {own}",
            "object-src 'none'",
            "frame-ancestors 'self'",  # an ancestor's path does not count, its origin does
            f"sandbox {_SANDBOX}",
        )
    )
