"""The digests that are remembered: those that were asked for last."""

import sys
from collections import OrderedDict
from dataclasses import dataclass, replace

from tbgateway.domain.names import ExperimentId
from tbgateway.domain.series import Digest, Series
from tbgateway.scalars.errands import Mark
from tbgateway.worker.shared_text import LONGEST_SHARED

_MOST_EXPERIMENTS = 2000
_MOST_BYTES = 62_000_000
"""Two thousand experiments of a hundred series have room."""
_DIGEST = 1500  # bytes, with all that is remembered beside it
_SERIES = 225  # bytes, where names are shared with others
_POINTS = 200  # bytes, without
_POINT = 16  # bytes


@dataclass(slots=True)
class Known:
    """What is remembered of one experiment.

    `mark` is how it was when it was read to its end. It is not to be read before `not_before`.
    `cut` is whether only the foremost series are left; it is not to be read for the others before
    `not_whole_before`. `denied` is whether some file was out of a reader's reach.
    """

    digest: Digest | None = None
    mark: Mark | None = None
    not_before: float = float("-inf")
    not_whole_before: float = float("-inf")
    cut: bool = False
    denied: bool = False
    weight: int = 0
    """How many bytes the digest takes, about."""

    def learn(self, digest: Digest) -> bool:
        """Take what was read; return whether people should be told.

        They are told of the beginning and of the end. What was known to the end is kept until
        there is something newer that is: files are read anew where they were replaced, and by each
        new process.
        """
        before = self.digest
        if before is not None and before.complete and not digest.complete:
            return False
        self._take(digest)
        self.cut = False
        return digest != before and (before is None or digest.complete)

    def be_cut(self) -> None:
        """Forget all series but those that are drawn."""
        if self.digest is not None and not self.cut:
            series = self.digest.series
            drawn = tuple(one for one in series if one.points) or series[:1]
            self.cut = len(drawn) < len(series)
            self._take(replace(self.digest, series=drawn))

    def _take(self, digest: Digest) -> None:
        self.digest = digest
        self.weight = _DIGEST + sum(map(_weight, digest.series))


class Memory:
    """Forgets first what was not asked for longest: series nobody draws, then all there is."""

    def __init__(
        self, most_experiments: int = _MOST_EXPERIMENTS, most_bytes: int = _MOST_BYTES
    ) -> None:
        self._most_experiments = most_experiments
        self._most_bytes = most_bytes
        self._known = OrderedDict[ExperimentId, Known]()
        self._whole = OrderedDict[ExperimentId, None]()  # those that were not tried to be cut
        self._weight = 0

    def __len__(self) -> int:
        """Return how many experiments are remembered."""
        return len(self._known)

    def recall(self, experiment: ExperimentId) -> Known | None:
        """Return what is remembered of an experiment that somebody asks for."""
        known = self._known.get(experiment)
        if known is not None:
            self._known.move_to_end(experiment)
            if experiment in self._whole:
                self._whole.move_to_end(experiment)
        return known

    def learn(self, experiment: ExperimentId, digest: Digest) -> bool:
        """Take what was read; return whether people should be told."""
        known = self.of(experiment)
        before = known.weight
        tell = known.learn(digest)
        self._weight += known.weight - before
        if not known.cut:
            self._whole[experiment] = None
        self._make_room()
        return tell

    def of(self, experiment: ExperimentId) -> Known:
        """Return what is remembered of an experiment, which is nothing at first."""
        known = self.recall(experiment)
        if known is None:
            known = self._known[experiment] = Known()
            self._whole[experiment] = None
        return known

    def _make_room(self) -> None:
        while self._weight > self._most_bytes and len(self._whole) > 1:
            self._cut_oldest()
        while len(self) > 1 and self._is_full():
            experiment, forgotten = self._known.popitem(last=False)
            self._whole.pop(experiment, None)
            self._weight -= forgotten.weight

    def _cut_oldest(self) -> None:
        experiment, _ = self._whole.popitem(last=False)
        known = self._known[experiment]
        self._weight -= known.weight
        known.be_cut()
        self._weight += known.weight

    def _is_full(self) -> bool:
        return len(self) > self._most_experiments or self._weight > self._most_bytes


def _weight(series: Series) -> int:
    names = sum(sys.getsizeof(one) for one in (series.run, series.tag) if len(one) > LONGEST_SHARED)
    points = _POINTS + _POINT * len(series.points) if series.points else 0
    return _SERIES + points + names
