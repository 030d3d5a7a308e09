"""Which headers pass between clients and boards, in either direction.

What belongs to one connection ends here; what says who somebody is or where he comes from is
between the client and the gateway; and what a board cannot know better is not believed.
"""

from collections.abc import Sequence
from functools import lru_cache

RawHeaders = Sequence[tuple[bytes, bytes]]
Headers = list[tuple[str, str]]

_CONNECTION = b"connection"
_LENGTH = len(_CONNECTION)
_NOTHING: frozenset[bytes] = frozenset()
_NAMES = 256  # how many are remembered: browsers send few, strangers whatever they like

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
_NOT_TO_BOARDS = _HOP_BY_HOP | {
    b"authorization",
    b"content-length",  # told anew, of the body that is really sent
    b"cookie",
    b"expect",
    b"forwarded",
    b"host",
    b"via",
    b"x-api-key",
    b"x-real-ip",
    b"x-request-id",
}
_FROM_BOARDS = frozenset(
    {
        b"accept-ranges",
        b"cache-control",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-length",
        b"content-range",
        b"content-security-policy",
        b"content-type",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"location",  # see locations
        b"retry-after",
        b"vary",
        b"x-content-type-options",
        b"x-frame-options",
    }
)
"""What describes an answer, and what limits it. This is a list of what passes, not of what is
stopped: many headers speak for the whole origin, which all boards share (Set-Cookie, Clear-Site-
Data, Service-Worker-Allowed, Strict-Transport-Security, Reporting-Endpoints…), open the answer to
others (Access-Control-*), start requests (Link, Refresh) or command the proxy in front
(X-Accel-Redirect), and new ones are invented."""


def to_board(raw: RawHeaders) -> list[tuple[bytes, bytes]]:
    """Return what a board may see of a request's headers.

    Names with an underscore are dropped: CGI-like servers cannot tell them from hyphens.
    """
    headers = [
        field
        for field in raw
        if _goes_to_boards(field[0]) and (field[1].isascii() or _is_text(field[1]))
    ]
    named = _named_by_connection(raw)
    return [field for field in headers if field[0].lower() not in named] if named else headers


def from_board(raw: RawHeaders) -> Headers:
    """Return what a client may see of a board's response headers."""
    headers = [
        (name, value.decode())
        for raw_name, value in raw
        if (name := _comes_from_boards(raw_name)) and (value.isascii() or _is_text(value))
    ]
    named = {name.decode() for name in _named_by_connection(raw) & _FROM_BOARDS}
    return [pair for pair in headers if pair[0].lower() not in named] if named else headers


@lru_cache(_NAMES)
def _goes_to_boards(name: bytes) -> bool:
    lower = name.lower()
    return (
        name.isascii()
        and lower not in _NOT_TO_BOARDS
        and b"_" not in name
        and not lower.startswith(b"x-forwarded-")
    )


@lru_cache(_NAMES)
def _comes_from_boards(name: bytes) -> str:
    """Return the name as it passes, or "" if it does not."""
    return name.decode("ascii") if name.lower() in _FROM_BOARDS else ""


def _is_text(value: bytes) -> bool:
    """Whether a value that is not ASCII can be sent on as it came."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _named_by_connection(raw: RawHeaders) -> frozenset[bytes]:
    lines = [value for name, value in raw if len(name) == _LENGTH and name.lower() == _CONNECTION]
    if not lines:
        return _NOTHING
    return frozenset(item.strip().lower() for line in lines for item in line.split(b","))
