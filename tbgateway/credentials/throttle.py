"""How often a client may be wrong about one board's or user's password."""

import ipaddress
import time
from collections import OrderedDict

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from tbgateway.domain.errors import TooManyRequestsError

_MOST_KEYS = 10_000  # the library itself never forgets a key
_SITE_BITS = 64  # one IPv6 customer has 2 ** 64 addresses, so they count as one client


class Throttle:
    """Counts wrong passwords by client and subject (a board, or a user's name).

    Another client is never affected, nor is another subject.
    """

    def __init__(self, rate: str) -> None:
        """`rate` is such as "20/minute"; raise ValueError if it is none."""
        self._rate = limits.parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._keys: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, client: str, subject: str) -> None:
        """Raise TooManyRequestsError if the client was wrong too often about the subject."""
        key = (_site(client), subject)
        if self._limiter.test(self._rate, *key):
            return
        wait = self._limiter.get_window_stats(self._rate, *key).reset_time - time.time()
        raise TooManyRequestsError(
            "Too many wrong passwords.",
            hint=f"Try again in {max(1, round(wait))} s.",
            retry_after=max(1.0, wait),
        )

    def failed(self, client: str, subject: str) -> None:
        """Count a wrong password."""
        key = (_site(client), subject)
        self._limiter.hit(self._rate, *key)
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > _MOST_KEYS:
            oldest, _ = self._keys.popitem(last=False)
            self._limiter.clear(self._rate, *oldest)


def _site(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return client
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _SITE_BITS), strict=False))
