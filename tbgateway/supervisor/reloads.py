"""Which experiments of a board are read anew: taken out of its tree, dropped, and put back.

Pure: it is told the time and what TensorBoard lists. Kept in memory only: a new process reads
everything anew, and whatever was taken out is put back when the next gateway starts.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from tbgateway.domain.names import ExperimentId

_AT_MOST_EVERY = 10.0
"""Seconds between two reloads of one experiment: also what is replaced all the time is shown."""
_UNSEEN = 2.5
"""Seconds that an experiment stays out of which nothing was listed: longer than one reload."""
_PATIENCE = 15.0
"""Seconds that TensorBoard has to drop what was taken out."""


@dataclass(frozen=True, slots=True)
class _Absence:
    since: float
    was_visible: bool

    def is_over(self, now: float) -> bool:
        """Whether TensorBoard must have noticed, given that it lists nothing of it."""
        return self.was_visible or now - self.since >= _UNSEEN


class Reloads:
    """`out` are the experiments that are out of the tree. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._wanted: set[ExperimentId] = set()
        self._out: dict[ExperimentId, _Absence] = {}
        self._begun: dict[ExperimentId, float] = {}

    @property
    def out(self) -> frozenset[ExperimentId]:
        """Return what is not to be linked now."""
        return frozenset(self._out)

    @property
    def due_at(self) -> float | None:
        """When the next may begin; None if nothing waits."""
        return min(map(self._may_begin_at, self._wanted - self._out.keys()), default=None)

    def want(self, experiments: Iterable[ExperimentId]) -> None:
        """Have these read anew; those that are out already will be once more."""
        self._wanted.update(experiments)

    def begin(
        self,
        now: float,
        linked: Container[ExperimentId],
        visible: Container[ExperimentId],
    ) -> bool:
        """Take out what is wanted and due; return whether that is anything.

        What is not `linked` any more needs nothing; `visible` is what was listed last.
        """
        self._forget_unlinked(now, linked)
        due = {one for one in self._wanted - self._out.keys() if self._may_begin_at(one) <= now}
        self._wanted -= due
        for one in due:
            self._out[one] = _Absence(now, one in visible)
            self._begun[one] = now
        return bool(due)

    def end(self, now: float, visible: Container[ExperimentId]) -> bool:
        """Put back what TensorBoard has dropped; return whether that is anything."""
        over = [one for one, it in self._out.items() if one not in visible and it.is_over(now)]
        for one in over:
            del self._out[one]
        return bool(over)

    def stuck(self, now: float) -> bool:
        """Whether something is out so long that TensorBoard will not drop it."""
        return any(now - absence.since >= _PATIENCE for absence in self._out.values())

    def clear(self) -> bool:
        """Forget everything, because the process is over; return whether something was out."""
        was_out = bool(self._out)
        self._wanted.clear()
        self._out.clear()
        return was_out

    def _may_begin_at(self, experiment: ExperimentId) -> float:
        begun = self._begun.get(experiment)
        return 0.0 if begun is None else begun + _AT_MOST_EVERY

    def _forget_unlinked(self, now: float, linked: Container[ExperimentId]) -> None:
        self._wanted = {one for one in self._wanted if one in linked}
        self._out = {one: absence for one, absence in self._out.items() if one in linked}
        self._begun = {
            one: begun for one, begun in self._begun.items() if now - begun < _AT_MOST_EVERY
        }
