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
_FROM_BOARDS = frozenset(
    {
        "accept-ranges",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-range",
        "content-security-policy",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "location",  # see locations
        "retry-after",
        "vary",
        "x-content-type-options",
        "x-frame-options",
    }
)
"""What describes an answer, and what limits it. This is a list of what passes, not of what is
stopped: many headers speak for the whole origin, which all boards share (Set-Cookie, Clear-Site-
Data, Service-Worker-Allowed, Strict-Transport-Security, Reporting-Endpoints…), open the answer to
others (Access-Control-*), start requests (Link, Refresh) or command the proxy in front
(X-Accel-Redirect), and new ones are invented."""


def to_board(raw: RawHeaders) -> Headers:
    """Return what a board may see of a request's headers.

    Names with an underscore are dropped: CGI-like servers cannot tell them from hyphens.
    """
    headers = _decoded(raw)
    stopped = _NOT_TO_BOARDS | _named_by_connection(headers)
    return [
        (name, value)
        for name, value in headers
        if name.lower() not in stopped
        and "_" not in name
        and not name.lower().startswith("x-forwarded-")
    ]


def from_board(raw: RawHeaders) -> Headers:
    """Return what a client may see of a board's response headers."""
    headers = _decoded(raw)
    passing = _FROM_BOARDS - _named_by_connection(headers)
    return [(name, value) for name, value in headers if name.lower() in passing]


def _decoded(raw: RawHeaders) -> Headers:
    """Return the headers as text, without the rare one that could not be sent on as it came."""
    pairs = (_text(name, value) for name, value in raw)
    return [pair for pair in pairs if pair is not None]


def _text(name: bytes, value: bytes) -> tuple[str, str] | None:
    try:
        return name.decode("ascii"), value.decode()
    except UnicodeDecodeError:
        return None


def _named_by_connection(headers: Headers) -> frozenset[str]:
    lines = (value for name, value in headers if name.lower() == "connection")
    return frozenset(item.strip().lower() for line in lines for item in line.split(","))
