"""Where the address of a form leads somebody who goes there without sending it."""

from collections.abc import Iterable

from aiohttp import web

from tbgateway.controlplane.web.redirecting import see_other
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Route


def leading_back(forms: Iterable[Route], *page: str) -> tuple[Route, ...]:
    """Return routes that lead from the addresses of forms to a page.

    What a refused form answers stands at its address, and some reload that by its address.
    """

    async def lead(exchange: Exchange) -> web.StreamResponse:
        path = exchange.target.path if exchange.target is not None else "/"
        segments = (segment.format(**exchange.params) for segment in page)
        return see_other(Urls.seen_from(path).page(*segments))

    return tuple(Route("GET", form.pattern, form.who, lead) for form in forms)
