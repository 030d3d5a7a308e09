"""The step that sees to it that nobody holds on to the window in which a board opens.

Whoever opens a window can keep a hand on it. A foreign page cannot reach into a board, but it can
pass its hand on: open one board, then go to another one itself, and the first finds the second as
its opener. Boards cannot forbid this with a Cross-Origin-Opener-Policy, which does not go together
with their sandbox. So who comes from another site is met at the door, by an answer that has one.
"""

from collections.abc import Awaitable

from aiohttp import hdrs, web

from tbgateway.dataplane.means import Means, Next, answered
from tbgateway.routes import Exchange

BOARDS = "/boards/"
"""Below this path lies what belongs to boards."""

_FROM_OUTSIDE = frozenset({"cross-site", "same-site"})
_WHAT_IT_DEPENDS_ON = "Sec-Fetch-Dest, Sec-Fetch-Site"


def arrive_alone(
    _means: Means, exchange: Exchange, call_next: Next
) -> Awaitable[web.StreamResponse]:
    """Let a window that another site opened or sent here come again, without that site."""
    headers = exchange.request.headers
    if (
        exchange.request.method == hdrs.METH_GET
        and exchange.target is not None
        and exchange.target.path.startswith(BOARDS)
        and headers.get("Sec-Fetch-Dest") == "document"
        and headers.get("Sec-Fetch-Site") in _FROM_OUTSIDE
    ):
        return answered(_come_again())
    return call_next(exchange)


def _come_again() -> web.Response:
    """Return an answer of our own, whose opener policy ends what tied the window to another."""
    return web.Response(
        text="One moment: the board opens.\n",
        headers={"Refresh": "0", "Vary": _WHAT_IT_DEPENDS_ON},
    )
