"""The product's own files, as a browser fetches and keeps them."""

from http import HTTPStatus

from aiohttp import web

from tbgateway.domain.errors import NotFoundError
from tbgateway.rendering.static_files import STATIC_FILES, StaticFile
from tbgateway.routes import Exchange, Handle

_ROBOTS = "User-agent: *\nDisallow: /\n"


async def send_named(exchange: Exchange) -> web.StreamResponse:
    """Answer `/ui/static/{file}`."""
    file = STATIC_FILES.get(exchange.params["file"])
    if file is None:
        raise NotFoundError("There is no such file.")
    return _response(file, exchange)


def sender(name: str) -> Handle:
    """Return a handler for the one file that browsers ask for by an address of their own."""
    file = STATIC_FILES[name]

    async def send(exchange: Exchange) -> web.StreamResponse:
        return _response(file, exchange)

    return send


async def send_robots(_exchange: Exchange) -> web.StreamResponse:
    """Ask search engines to stay away: boards are nobody's search results."""
    return web.Response(text=_ROBOTS)


def _response(file: StaticFile, exchange: Exchange) -> web.Response:
    headers = {
        "Content-Type": file.content_type,
        "ETag": file.etag,
        "Cache-Control": _cache_control(file, exchange),
    }
    known = exchange.request.if_none_match or ()
    if any(tag.value in {file.fingerprint, "*"} for tag in known):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return web.Response(body=file.content, headers=headers)


def _cache_control(file: StaticFile, exchange: Exchange) -> str:
    """Keep it for ever under an address that names this very content, else ask each time."""
    query = exchange.target.query if exchange.target is not None else ""
    immutable = query == f"v={file.fingerprint}"
    return "public, max-age=31536000, immutable" if immutable else "no-cache"
