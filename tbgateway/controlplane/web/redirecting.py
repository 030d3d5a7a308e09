"""Where a form leads once it is done: to a page that may be reloaded without doing it again."""

from http import HTTPStatus

from aiohttp import web


def see_other(url: str) -> web.Response:
    """Send the browser to a page of ours; `url` is one that Urls made."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": url})
