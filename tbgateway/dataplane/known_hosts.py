"""Which names the gateway answers to.

A page of somebody else's can make its own name point here (DNS rebinding) and would then be of one
origin with the boards in its visitors' eyes. That takes a name, so addresses are always known, and
so are names that nobody else can give away.
"""

from collections.abc import Iterable
from functools import lru_cache

from tbgateway.dataplane.origins import parse_address
from tbgateway.domain.public_urls import UNNAMEABLE

_LOOPBACK = "localhost"
_REMEMBERED = 256  # hosts, whatever was found


class KnownHosts:
    """The names of a gateway: `host in known` tells whether a Host header holds one of them.

    `names` come without ports. Any IP address and everything called localhost is known besides;
    nothing whose name no policy can name is.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.know(names)

    def know(self, names: Iterable[str]) -> None:
        """Know these names instead."""
        self._names = frozenset(_plain(name) for name in names)
        self._knows = lru_cache(_REMEMBERED)(self._look_up)

    def __contains__(self, host: str) -> bool:
        """Tell whether a well-formed host, with or without a port, is one of ours."""
        return self._knows(host)

    def _look_up(self, host: str) -> bool:
        name = _plain(host_name(host))
        if UNNAMEABLE in name:
            return False
        local = name == _LOOPBACK or name.endswith(f".{_LOOPBACK}")
        return local or name in self._names or parse_address(name) is not None


def host_name(host: str) -> str:
    """Take the port off a well-formed host, and the brackets off an IPv6 address."""
    return host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]


def _plain(name: str) -> str:
    return name.lower().strip("[]").removesuffix(".")
