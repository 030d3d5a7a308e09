"""Where boards send their visitors: TensorBoard believes that it owns the whole site."""

import re
from urllib.parse import unquote, urlsplit

from tbgateway.dataplane.passing_headers import Headers

_LOCATION = "location"
_PLAIN = re.compile(r"[!-\[\]-~]*")
"""Printable ASCII without space and backslash: browsers drop or replace the rest, each its way."""


def below_board(headers: Headers, rest: str) -> Headers:
    """Return response headers whose redirects stay below the board.

    `rest` is the raw path below the board's slash that was asked for. Redirects that lead out of
    the board are taken out: a content security policy limits where a script of the board may ask
    by path, but not where it is redirected to from there.
    """
    if not any(_leads_on(name) for name, _ in headers):
        return headers
    rewritten = [
        (name, _relative(value, rest) if _leads_on(name) else value) for name, value in headers
    ]
    return [(name, value) for name, value in rewritten if value is not None]


def _leads_on(name: str) -> bool:
    return len(name) == len(_LOCATION) and name.lower() == _LOCATION


def _relative(location: str, rest: str) -> str | None:
    try:
        parts = urlsplit(location)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not _PLAIN.fullmatch(location):
        return None
    depth = rest.count("/")
    if not location.startswith("/"):
        return location if _stays(parts.path, depth) else None
    return ("../" * depth or "./") + location[1:] if _stays(parts.path[1:], 0) else None


def _stays(path: str, depth: int) -> bool:
    """Tell whether a relative path never climbs above the board, from so many levels below it."""
    for segment in map(unquote, path.split("/")):  # %2e is a dot to browsers, %2f is no slash
        if segment == "..":
            depth -= 1
        elif segment != ".":
            depth += 1
        if depth < 0:
            return False
    return True
