"""Who a client is and where it believes the gateway to be, when proxies stand in between."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import hdrs
from multidict import CIMultiDictProxy

from tbgateway.dataplane.incoming import IncomingRequest, Peer
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.public_urls import HOST, PREFIX, parse_public_url
from tbgateway.routes import Door, External

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Headers = CIMultiDictProxy[str]

UNIX = "unix"
"""What stands for an address where the peer came by a unix socket."""

_ADDRESSES = 1024  # how many readings are remembered; a client's is needed at every request
_HOSTS = 256
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Whose X-Forwarded-* headers are believed."""

    networks: tuple[Network, ...] = ()
    unix: bool = False

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "TrustedProxies":
        """Read IP networks and the word "unix"; raise InvalidInputError."""
        rest = list(texts)
        networks = tuple(_network(text) for text in rest if text != UNIX)
        return cls(networks, unix=UNIX in rest)

    def __contains__(self, address: str) -> bool:
        if address == UNIX:
            return self.unix
        parsed = parse_address(address)
        return parsed is not None and any(parsed in network for network in self.networks)


class Origins:
    """Looks through trusted proxies.

    `public_url`, if set, is where every client finds the gateway. `local_url` tells an address
    of the gateway for those who came without any, such as by the control socket.
    """

    def __init__(
        self,
        *,
        trusted_proxies: Sequence[str] = (),
        public_url: str | None = None,
        local_url: Callable[[], str] = lambda: "http://localhost",
    ) -> None:
        """Raise InvalidInputError if a network or the URL cannot be read."""
        self.trust(trusted_proxies)
        self._public = None if public_url is None else parse_external(public_url)
        self._local_url = local_url

    def trust(self, trusted_proxies: Sequence[str]) -> None:
        """Believe these proxies instead; raise InvalidInputError if a network cannot be read."""
        self._trusted = TrustedProxies.parse(trusted_proxies)
        self._trusts_anybody = bool(trusted_proxies)

    def client(self, request: IncomingRequest) -> str:
        """Return the address of the nearest party that is no trusted proxy.

        All X-Forwarded-For lines are read as one list, from the right: what stands left of the
        first untrusted party was written by that party.
        """
        nearest = request.peer.address
        if hdrs.X_FORWARDED_FOR not in request.headers:
            return nearest
        for hop in reversed(_listed(request.headers, hdrs.X_FORWARDED_FOR)):
            address = parse_address(_without_port(hop))
            if nearest not in self._trusted or address is None:
                break
            nearest = str(address)
        return nearest

    def external(self, request: IncomingRequest) -> External:
        """Return where the client believes the gateway to be; the Host must have been checked."""
        if self._public is not None:
            return self._public
        host = request.headers.get(hdrs.HOST)
        if host is None or request.peer.door is Door.CONTROL:
            return parse_external(self._local_url())
        if not self._trusts(request.peer):
            return _plain_external(host)
        return External(
            _last(request.headers, hdrs.X_FORWARDED_PROTO, re.compile("https?")) or "http",
            _last(request.headers, hdrs.X_FORWARDED_HOST, HOST) or host,
            (_last(request.headers, "X-Forwarded-Prefix", PREFIX, strip="/") or ""),
        )

    def request_id(self, request: IncomingRequest) -> str | None:
        """Return the id that a trusted proxy gave to the request, if any."""
        if not self._trusts(request.peer):
            return None
        return _last(request.headers, "X-Request-ID", _REQUEST_ID)

    def _trusts(self, peer: Peer) -> bool:
        return self._trusts_anybody and peer.door is Door.PUBLIC and peer.address in self._trusted


@lru_cache(_HOSTS)
def _plain_external(host: str) -> External:
    return External("http", host)


def parse_external(url: str) -> External:
    """Read the gateway's own URL; raise InvalidInputError."""
    read = parse_public_url(url)
    return External(read.scheme, read.host, read.prefix)


@lru_cache(_ADDRESSES)
def parse_address(text: str) -> Address | None:
    """Read an IP address; one of IPv4 inside IPv6 becomes the IPv4 address that it means."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise InvalidInputError(
            f"{text!r} is no IP network: {error}.",
            hint="trusted_proxies takes networks such as 127.0.0.1, 10.0.0.0/8 or fd00::/8, and"
            ' "unix" for a proxy that comes by a unix socket.',
        ) from error


def _listed(headers: Headers, name: str) -> list[str]:
    return [item.strip() for line in headers.getall(name, ()) for item in line.split(",")]


def _last(headers: Headers, name: str, form: re.Pattern[str], *, strip: str = "") -> str | None:
    """Return what the nearest proxy said: earlier items may be the client's own invention."""
    items = _listed(headers, name)
    last = items[-1].rstrip(strip) if items and strip else (items or [""])[-1]
    return last if form.fullmatch(last) else None


def _without_port(hop: str) -> str:
    """Take the port off `192.0.2.1:4711` and `[2001:db8::1]:4711`, and the brackets."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
