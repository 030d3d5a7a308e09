"""From where things happen to everybody who listens; nobody waits for anybody.

The bus keeps the newest news of each subject, in order. Somebody who listens is nothing but a
place in that order: being slow costs no memory and holds nobody up, and whoever falls behind what
is kept learns that something was missed.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex

from tbgateway.events.news import News

MOST_KEPT = 1_000
"""Subjects whose news is kept: for whom more is news, to fetch everything is less work."""
_Kept = OrderedDict[Hashable, tuple[int, News]]
_ID = re.compile(r"([0-9a-f]{8})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reading:
    """What happened since a place, each with its own place; `missed` if some of it is lost."""

    news: tuple[tuple[int, News], ...]
    missed: bool = False


class Bus:
    """Belongs to one event loop. Places are numbers that grow; 0 is before everything.

    An id is a place as clients know it. It holds this bus's random `epoch`, so that one from
    before a restart is not taken for one of now.
    """

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self.epoch = token_hex(4)
        self.newest = 0
        self._most_kept = most_kept
        self._kept = _Kept()
        self._lost = 0  # the newest place whose news is not kept any more
        self._changed = asyncio.Event()
        self._end = asyncio.Event()

    @property
    def closed(self) -> bool:
        """Whether there will be no more news."""
        return self._end.is_set()

    def __repr__(self) -> str:
        """Tell how much is kept and how much happened."""
        state = "closed" if self.closed else "open"
        return f"<Bus {self.epoch} {state}, {len(self._kept)} kept of {self.newest}>"

    def publish(self, *news: News) -> None:
        """Keep the news and wake everybody who waits.

        So does a closed bus: whoever listens looks at `closed` before anything else.
        """
        for one in news:
            self.newest += 1
            self._kept[one.subject] = (self.newest, one)
            self._kept.move_to_end(one.subject)
        while len(self._kept) > self._most_kept:
            _, (self._lost, _) = self._kept.popitem(last=False)
        if news:
            self._wake()

    def close(self) -> None:
        """Wake everybody who waits: there will be no more."""
        self._end.set()
        self._wake()

    def read(self, after: int) -> Reading:
        """Return the news after a place, the oldest first."""
        if after < self._lost:
            return Reading((), missed=True)
        found = []
        for place, one in reversed(self._kept.values()):
            if place <= after:
                break
            found.append((place, one))
        return Reading(tuple(reversed(found)))

    async def wait(self, after: int, *, seconds: float) -> bool:
        """Wait for news after a place or for the end; return whether either came in time."""
        try:
            async with asyncio.timeout(seconds):
                while self.newest <= after and not self.closed:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    async def closes(self, *, within: float) -> bool:
        """Wait so many seconds, or until the bus is closed; return whether it is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._end.wait()
        return self.closed

    def id_of(self, place: int) -> str:
        """Return the place as clients know it."""
        return f"{self.epoch}-{place}"

    def place_of(self, event_id: str) -> int | None:
        """Return the place of an id that this bus gave out; None for any other."""
        found = _ID.fullmatch(event_id)
        if found is None or found[1] != self.epoch or int(found[2]) > self.newest:
            return None
        return int(found[2])

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
