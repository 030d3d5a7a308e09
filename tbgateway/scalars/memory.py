"""The digests that are remembered: those that were asked for last."""

from collections import OrderedDict
from dataclasses import dataclass

from tbgateway.domain.names import ExperimentId
from tbgateway.domain.series import Digest
from tbgateway.scalars.errands import Mark

_MOST_EXPERIMENTS = 2000
_MOST_SERIES = 20_000
"""A series takes less than half a kilobyte, and one with points ten times as much."""


@dataclass(slots=True)
class Known:
    """What is remembered of one experiment.

    `mark` is how it was when it was read to its end. It is not to be read before `not_before`.
    """

    digest: Digest | None = None
    mark: Mark | None = None
    not_before: float = float("-inf")

    def learn(self, digest: Digest) -> bool:
        """Take what was read; return whether people should be told.

        They are told of the beginning and of the end. What was known to the end is kept until
        there is something newer that is: files are read anew where they were replaced, and by each
        new process.
        """
        before = self.digest
        if before is not None and before.complete and not digest.complete:
            return False
        self.digest = digest
        return digest != before and (before is None or digest.complete)

    @property
    def series(self) -> int:
        """How many series it holds."""
        return 0 if self.digest is None else len(self.digest.series)


class Memory:
    """Forgets first what was not asked for longest."""

    def __init__(
        self, most_experiments: int = _MOST_EXPERIMENTS, most_series: int = _MOST_SERIES
    ) -> None:
        self._most_experiments = most_experiments
        self._most_series = most_series
        self._known = OrderedDict[ExperimentId, Known]()
        self._series = 0

    def __len__(self) -> int:
        """Return how many experiments are remembered."""
        return len(self._known)

    def recall(self, experiment: ExperimentId) -> Known | None:
        """Return what is remembered of an experiment that somebody asks for."""
        known = self._known.get(experiment)
        if known is not None:
            self._known.move_to_end(experiment)
        return known

    def learn(self, experiment: ExperimentId, digest: Digest) -> bool:
        """Take what was read; return whether people should be told."""
        known = self.of(experiment)
        before = known.series
        tell = known.learn(digest)
        self._series += known.series - before
        while len(self._known) > 1 and self._is_full():
            _, forgotten = self._known.popitem(last=False)
            self._series -= forgotten.series
        return tell

    def of(self, experiment: ExperimentId) -> Known:
        """Return what is remembered of an experiment, which is nothing at first."""
        return self._known.setdefault(experiment, Known())

    def _is_full(self) -> bool:
        return len(self._known) > self._most_experiments or self._series > self._most_series
