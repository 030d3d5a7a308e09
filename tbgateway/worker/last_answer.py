"""An answer that is costly to make, kept for a while."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")

_AT_LEAST = 5.0  # seconds that an answer is kept
_TIMES_ITS_COST = 20  # so that at most a twentieth of the time is spent on making it anew


class LastAnswer(Generic[_T]):
    """One answer; whoever asks while it is made waits for it.

    It is kept for five seconds, or for twenty times as long as it took to make.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[object, float, _T] | None = None

    def get(self, basis: object, make: Callable[[], _T]) -> _T:
        """Return what `make` returned for an equal `basis`, else what it returns now.

        Whatever `make` raises is raised, and nothing is kept.
        """
        with self._lock:
            began = self._clock()
            if self._kept is not None and began < self._kept[1] and basis == self._kept[0]:
                return self._kept[2]
            self._kept = None  # so that there are never two, which may be large
            answer = make()
            cost = self._clock() - began
            until = self._clock() + max(_AT_LEAST, _TIMES_ITS_COST * cost)
            self._kept = basis, until, answer
            return answer
