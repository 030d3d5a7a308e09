"""How often a client may be wrong about passwords."""

import asyncio
import ipaddress
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import limits

from tbgateway.domain.errors import TooManyRequestsError, UnavailableError

_CLIENTS = 1024  # how many addresses are remembered
_MOST_KEYS = 10_000
_SITE_BITS = 64  # one IPv6 customer has 2 ** 64 addresses, so they count as one client
_ABOUT_A_CHECK = 1.0  # seconds
_PATIENCE = 30.0  # seconds that a guess waits for others; a queue full of checks takes less


@dataclass(slots=True)
class Trial:
    """One password being tried; it counts as wrong unless somebody finds that it is not."""

    wrong: bool = True


class Throttle:
    """Counts a client's wrong passwords, whatever they were tried on.

    If it told boards from members, or one from the other, so would its refusals. Other clients
    are never affected. `refusals` counts how many guesses were not let through.
    """

    def __init__(self, rate: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`rate` is such as "20/minute"; raise ValueError if it is none.

        `clock` tells seconds, and is never set: nobody is locked out for as long as it jumped.
        """
        self._rate = limits.parse(rate)
        self._clock = clock
        self._wrong_at: OrderedDict[str, deque[float]] = OrderedDict()
        self._being_tried: dict[str, Counter[Hashable]] = {}
        self._decided: dict[str, asyncio.Event] = {}
        self.refusals = 0

    def allow(self, rate: str) -> None:
        """Go by this rate from now on; if it is another one, clients begin anew."""
        parsed = limits.parse(rate)
        if parsed != self._rate:
            self._rate = parsed
            self._wrong_at.clear()

    @contextmanager
    def trial(self, client: str, guess: Hashable) -> Iterator[Trial]:
        """Let the client try a guess inside the block; equal ones at the same time are one.

        What is being tried counts as wrong until it is known, so that many at once get no
        further than one after the other. Raise TooManyRequestsError if that makes too many. If
        the block raises UnavailableError nothing was checked, and nothing counts.
        """
        site = site_of(client)
        self._begin(site, guess)
        trial = Trial()
        try:
            yield trial
        except UnavailableError:
            trial.wrong = False
            raise
        finally:
            self._end(site, guess, trial)

    async def turn(self, client: str, guess: Hashable) -> None:
        """Wait until it is known whether the client may try this guess, too.

        Many boards opened at once are many passwords at once, all of them right: those wait for
        each other's verdicts where as many wrong ones would be too many.
        """
        site = site_of(client)
        deadline = time.monotonic() + _PATIENCE
        while len(self._lately(site)) < self._rate.amount and not self._may_try(site, guess):
            decided = self._decided.setdefault(site, asyncio.Event())
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await decided.wait()
            except TimeoutError:
                return

    def _may_try(self, site: str, guess: Hashable) -> bool:
        being_tried = self._being_tried.get(site, ())
        others = len(being_tried) - (guess in being_tried)
        return len(self._lately(site)) + others < self._rate.amount

    def _begin(self, site: str, guess: Hashable) -> None:
        if not self._may_try(site, guess):
            raise self._refusal(site)
        being_tried = self._being_tried.get(site, Counter())
        being_tried[guess] += 1
        self._being_tried[site] = being_tried

    def _end(self, site: str, guess: Hashable, trial: Trial) -> None:
        being_tried = self._being_tried[site]
        being_tried[guess] -= 1
        if being_tried[guess]:
            return
        del being_tried[guess]
        if not being_tried:
            del self._being_tried[site]
        if trial.wrong:
            self._count(site)
        decided = self._decided.pop(site, None)
        if decided is not None:
            decided.set()

    def _count(self, site: str) -> None:
        times = self._wrong_at.setdefault(site, deque(maxlen=self._rate.amount))
        times.append(self._clock())
        self._wrong_at.move_to_end(site)
        if len(self._wrong_at) > _MOST_KEYS:
            self._wrong_at.popitem(last=False)

    def _lately(self, site: str) -> deque[float]:
        """Return when the client was wrong, as far as it counts still."""
        times = self._wrong_at.get(site, deque())
        while times and self._clock() - times[0] >= self._rate.get_expiry():
            times.popleft()
        return times

    def _refusal(self, site: str) -> TooManyRequestsError:
        self.refusals += 1
        wait, times = _ABOUT_A_CHECK, self._lately(site)
        if len(times) >= self._rate.amount:
            wait = times[0] + self._rate.get_expiry() - self._clock()
        return TooManyRequestsError(
            "Too many wrong passwords.",
            hint=f"Try again in {max(1, round(wait))} s. The command line on the gateway's own"
            " machine, as its user, needs no password.",
            retry_after=max(1.0, wait),
        )


@lru_cache(_CLIENTS)
def site_of(client: str) -> str:
    """Return what stands for the client: its address, or its network if that is IPv6."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return client
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _SITE_BITS), strict=False))
