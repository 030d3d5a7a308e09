"""Redirects that stay right below any prefix: their Location is relative."""

from aiohttp import web


def redirect(location: str, query: str) -> web.Response:
    """Send the client on with the same method; the query travels along."""
    suffix = f"?{query}" if query else ""
    return web.Response(status=307, headers={"Location": location + suffix})
