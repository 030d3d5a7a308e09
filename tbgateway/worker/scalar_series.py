"""The series of one experiment while they are read: the foremost hundred, by run and tag."""

import sys

from tbgateway.domain.scalar_tags import Rank, rank
from tbgateway.domain.series import Series
from tbgateway.worker.curve import Curve
from tbgateway.worker.scalar_messages import MOST_DRAWN, MOST_SERIES

_CURVE = 900  # bytes; those that are drawn have a few hundred more
_RUN = 300  # bytes
_Place = tuple[Rank, str]
"""Where a series stands: the foremost is the least."""


class ScalarSeries:
    """Keeps the curves; where there are too many, the hindmost makes room for a better one.

    The hindmost only ever moves forward. What had no room once has none later, so that no curve
    is begun in the middle; what is not drawn once will not be drawn later.
    """

    __slots__ = ("_drawn", "_hindmost", "_places", "_runs", "weight")

    def __init__(self) -> None:
        self._runs: dict[str, dict[str, Curve]] = {}
        self._places: dict[_Place, None] = {}
        self._drawn: list[_Place] = []
        self._hindmost: _Place | None = None
        self.weight = 0
        """How many bytes they take, about."""

    def of(self, run: str) -> dict[str, Curve]:
        """Return the curves of a run by their tags."""
        if run not in self._runs:
            self.weight += _RUN + sys.getsizeof(run)
        return self._runs.setdefault(run, {})

    def begin(self, run: str, tag: str) -> Curve | None:
        """Return a new curve; None if all that there is room for are better."""
        place = rank(tag), run
        if len(self._places) >= MOST_SERIES and not self._make_room(place):
            return None
        self._places[place] = None
        curve = self.of(run)[tag] = Curve()
        self.weight += _weight(tag)
        self._draw(place)
        return curve

    def told(self) -> tuple[Series, ...]:
        """Return what is known, the foremost first; these with points."""
        return tuple(
            _told(run, of_tag[-1], self._runs[run][of_tag[-1]], drawn=number < MOST_DRAWN)
            for number, (of_tag, run) in enumerate(sorted(self._places))
        )

    def _make_room(self, place: _Place) -> bool:
        hindmost = self._hindmost or max(self._places)
        self._hindmost = hindmost
        if place > hindmost:
            return False
        of_tag, run = hindmost
        del self._places[hindmost], self._runs[run][of_tag[-1]]
        self.weight -= _weight(of_tag[-1])
        self._hindmost = None
        return True

    def _draw(self, place: _Place) -> None:
        self._drawn = sorted([*self._drawn, place])
        for of_tag, run in self._drawn[MOST_DRAWN:]:
            self._runs[run][of_tag[-1]].coarsen()
        del self._drawn[MOST_DRAWN:]


def _weight(tag: str) -> int:
    return _CURVE + sys.getsizeof(tag)


def _told(run: str, tag: str, curve: Curve, *, drawn: bool) -> Series:
    return Series(
        run,
        tag,
        points=curve.points() if drawn else (),
        last=curve.last,
        last_step=curve.last_step,
        lowest=curve.lowest,
        highest=curve.highest,
        count=curve.count,
    )
