"""The requests that a board works on, and what becomes of those in which it falls silent."""

import asyncio
from typing import Protocol

SILENCE = 120.0
"""Seconds without a byte after which a board counts as hung."""


class InFlight(Protocol):
    """A request as far as it can be ended by somebody else."""

    @property
    def silence(self) -> float:
        """For how many seconds the board has let it wait without a byte."""

    def give_up(self) -> None:
        """Let who waits for the board hear that it fell silent."""

    def abort(self) -> None:
        """End it now."""


class RequestsInFlight:
    """All requests of one generation.

    One timer watches over them, and rests if there are none: one for each request would be set
    and cancelled a thousand times before it is needed once.
    """

    def __init__(self) -> None:
        self._members: set[InFlight] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        """Tell how many there are."""
        return f"<RequestsInFlight {len(self._members)}>"

    @property
    def silence(self) -> float:
        """For how many seconds the board has let some request wait without a byte."""
        return max((one.silence for one in self._members), default=0.0)

    def add(self, one: InFlight) -> None:
        """Watch over a request."""
        self._members.add(one)
        if self._timer is None:
            self._look_after(SILENCE)

    def discard(self, one: InFlight) -> None:
        """Forget a request."""
        self._members.discard(one)

    def give_up(self, silence: float) -> None:
        """Give up those that waited for `silence` seconds or more."""
        for one in [one for one in self._members if one.silence >= silence]:
            one.give_up()

    def abort(self) -> None:
        """End all of them."""
        for one in self._members:
            one.abort()

    def _look_after(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """Give up where the board is silent; look again when another one can be due."""
        self._timer = None
        self.give_up(SILENCE)
        left = [SILENCE - one.silence for one in self._members]
        if left:
            self._look_after(min((time for time in left if time > 0), default=SILENCE))
