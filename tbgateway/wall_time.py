"""What time it is, while somebody may have set the machine's clock wrong."""

import time
from collections.abc import Callable

DOUBT = 86_400.0
"""Seconds for which two times are held possible after the clock was set."""
_SET = 5.0  # seconds; by less the machine corrects its clock all the time


def _uptime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class WallTime:
    """The wall clock, as two times: it is certainly not earlier, and not later, than these.

    They are one until the clock is set. Then both its time and what it told before are possible,
    for DOUBT seconds; afterwards the clock is believed. What ends by the time, ends when even the
    earliest says so; what is given for some time, is given from the latest on. All times are Unix
    seconds. Somebody has to ask from time to time.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = _uptime,
    ) -> None:
        """`steady` tells the seconds of a clock that is never set."""
        self._wall = wall
        self._steady = steady
        now = steady()
        self._least = self._most = (wall() - now, now)

    def __repr__(self) -> str:
        return f"<WallTime {self.earliest():.0f}..{self.latest():.0f}>"

    def earliest(self) -> float:
        """Return the earliest time that it may be."""
        return self._look() + self._least[0]

    def latest(self) -> float:
        """Return the latest time that it may be."""
        return self._look() + self._most[0]

    def _look(self) -> float:
        """Compare the clocks; return the steady one's time."""
        now = self._steady()
        seen = (self._wall() - now, now)
        if seen[0] <= self._least[0] + _SET or now - self._least[1] > DOUBT:
            self._least = seen
        if seen[0] >= self._most[0] - _SET or now - self._most[1] > DOUBT:
            self._most = seen
        return now
