"""Where boards send their visitors: TensorBoard believes that it owns the whole site."""

from urllib.parse import urlsplit

from aiohttp import hdrs

from tbgateway.dataplane.passing_headers import Headers


def below_board(headers: Headers, rest: str) -> Headers:
    """Return response headers whose redirects stay below the board.

    `rest` is the raw path below the board's slash that was asked for. Redirects to other sites
    are taken out.
    """
    rewritten = [
        (name, _relative(value, rest) if name.lower() == hdrs.LOCATION.lower() else value)
        for name, value in headers
    ]
    return [(name, value) for name, value in rewritten if value is not None]


def _relative(location: str, rest: str) -> str | None:
    try:
        parts = urlsplit(location)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or "\\" in location:
        return None
    if not location.startswith("/"):
        return location
    return ("../" * rest.count("/") or "./") + location[1:]
