"""Where a gateway can be: the grammar of hosts, prefixes and its own URL."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from tbgateway.domain.errors import InvalidInputError

HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A host, with or without a port; an IPv6 address stands in brackets."""
PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)+")
"""A path below which everything of the gateway is; it does not end in a slash."""
MOST_PORT = 65535
UNNAMEABLE = "_"
"""What no name of a gateway may hold: content security policies cannot name such hosts, so that
browsers would not keep boards apart."""


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """The gateway's own URL; `host` is in lower case, with the port if it was given."""

    scheme: str
    host: str
    prefix: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.prefix}"


def parse_public_url(text: str) -> PublicUrl:
    """Read a URL where a gateway can be; raise InvalidInputError, which does not repeat it."""
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    problem = _problem(text, parts)
    if problem is not None:
        raise InvalidInputError(
            f"The gateway's URL cannot be used: {problem}.",
            hint="It looks like https://example.org or https://example.org/team/tb",
        )
    return PublicUrl(parts.scheme, parts.netloc.lower(), parts.path.rstrip("/"))


def _problem(text: str, parts: SplitResult) -> str | None:
    prefix = parts.path.rstrip("/")
    if parts.scheme not in {"http", "https"}:
        return "it must begin with http:// or https://"
    if "@" in parts.netloc:
        return "it may not carry a user name or a password"
    if not HOST.fullmatch(parts.netloc) or not _is_port(parts.netloc):
        return "it must name a host, and after ':' nothing but a port"
    if "?" in text or "#" in text:
        return "it may not have a query or a fragment"
    if prefix and not PREFIX.fullmatch(prefix):
        return "its path may hold letters, digits and . _ ~ - between single slashes only"
    return None


def _is_port(host: str) -> bool:
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return not colon or 1 <= int(port) <= MOST_PORT
