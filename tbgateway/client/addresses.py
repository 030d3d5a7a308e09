"""Where a gateway listens, as a person writes it."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from tbgateway.domain.errors import InvalidInputError

_HINT = "Write http://HOST[:PORT][/PREFIX], https://HOST[:PORT][/PREFIX] or unix:PATH."
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class NetworkAddress:
    """A gateway reached over TCP; `prefix` is the sub-path it lives under, or empty."""

    secure: bool
    host: str
    port: int
    prefix: str = ""

    def __str__(self) -> str:
        scheme = "https" if self.secure else "http"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[scheme] else f":{self.port}"
        return f"{scheme}://{host}{port}{self.prefix}"


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """A gateway reached over a unix socket."""

    path: Path

    def __str__(self) -> str:
        return f"unix:{self.path}"


Address = NetworkAddress | SocketAddress


def parse_address(text: str) -> Address:
    """Read an address; raise InvalidInputError if it is none."""
    scheme, separator, rest = text.partition(":")
    if separator and scheme == "unix" and rest.startswith("/"):
        return SocketAddress(Path("/" + rest.lstrip("/")))
    return _network_address(text)


def _network_address(text: str) -> NetworkAddress:
    if "@" in text:  # what stands before it may be a secret, and is not repeated
        raise _refused("The address", "user names and passwords do not belong into one")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refused(repr(text), str(error)) from error
    problem = _problem(parts)
    if problem:
        raise _refused(repr(text), problem)
    return NetworkAddress(
        secure=parts.scheme == "https",
        host=parts.hostname or "",
        port=_PORTS[parts.scheme] if port is None else port,
        prefix=parts.path.rstrip("/"),
    )


def _problem(parts: SplitResult) -> str:
    if parts.scheme not in _PORTS or not parts.hostname:
        return "it has no scheme that is known here, or no host"
    if parts.query or parts.fragment:
        return "it has a query or a fragment"
    return ""


def _refused(what: str, problem: str) -> InvalidInputError:
    return InvalidInputError(f"{what} is not a gateway's address: {problem}.", hint=_HINT)
