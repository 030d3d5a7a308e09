"""Which headers pass between clients and boards, in either direction.

What belongs to one connection ends here; what says who somebody is or where he comes from is
between the client and the gateway; and what a board cannot know better is not believed.
"""

from collections.abc import Iterable

RawHeaders = Iterable[tuple[bytes, bytes]]
Headers = list[tuple[str, str]]

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    }
)
_NOT_TO_BOARDS = _HOP_BY_HOP | {
    "authorization",
    "content-length",  # told anew, of the body that is really sent
    "cookie",
    "expect",
    "forwarded",
    "host",
    "via",
    "x-real-ip",
    "x-request-id",
}
_NOT_FROM_BOARDS = _HOP_BY_HOP | {
    "clear-site-data",  # the site is shared by all boards
    "server",
    "service-worker-allowed",
    "set-cookie",
    "www-authenticate",
    "x-request-id",
}


def to_board(raw: RawHeaders) -> Headers:
    """Return what a board may see of a request's headers.

    Names with an underscore are dropped: CGI-like servers cannot tell them from hyphens.
    """
    return [
        (name, value)
        for name, value in _passing(raw, _NOT_TO_BOARDS)
        if "_" not in name and not name.lower().startswith("x-forwarded-")
    ]


def from_board(raw: RawHeaders) -> Headers:
    """Return what a client may see of a board's response headers."""
    return _passing(raw, _NOT_FROM_BOARDS)


def _passing(raw: RawHeaders, stopped: frozenset[str]) -> Headers:
    headers = [pair for name, value in raw if (pair := _decoded(name, value)) is not None]
    stopped |= _named_by_connection(headers)
    return [(name, value) for name, value in headers if name.lower() not in stopped]


def _decoded(name: bytes, value: bytes) -> tuple[str, str] | None:
    """Return the header as text; None for the rare one that could not be sent on as it came."""
    try:
        return name.decode("ascii"), value.decode()
    except UnicodeDecodeError:
        return None


def _named_by_connection(headers: Headers) -> frozenset[str]:
    lines = (value for name, value in headers if name.lower() == "connection")
    return frozenset(item.strip().lower() for line in lines for item in line.split(","))
