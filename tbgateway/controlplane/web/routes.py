"""Which pages there are, and who may see them."""

from http import HTTPStatus

from aiohttp import web

from tbgateway.controlplane.web import files
from tbgateway.controlplane.web.home import Home
from tbgateway.controlplane.web.means import Means
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange, Handle, Route, Who


def web_routes(means: Means) -> tuple[Route, ...]:
    """Return the routes of the pages and of what they are made of."""
    return (
        *Home(means).routes(),
        Route("GET", "/boards", Who.ANYONE, _redirect_home_from("/boards")),
        Route("GET", "/boards/", Who.ANYONE, _redirect_home_from("/boards/")),
        Route("GET", "/ui/static/{file}", Who.ANYONE, files.send_named),
        Route("GET", "/favicon.ico", Who.ANYONE, files.sender("favicon.ico")),
        Route("GET", "/favicon.svg", Who.ANYONE, files.sender("favicon.svg")),
        Route("GET", "/robots.txt", Who.ANYONE, files.send_robots),
    )


def _redirect_home_from(path: str) -> Handle:
    location = Urls.seen_from(path).home

    async def redirect(_exchange: Exchange) -> web.StreamResponse:
        headers = {"Location": location}
        return web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers=headers)

    return redirect
