"""The experiments whose scalars are remembered: those that were asked for last."""

from collections import OrderedDict

from tbgateway.worker.record_file import Allowance
from tbgateway.worker.scalar_experiment import ScalarExperiment
from tbgateway.worker.scalar_messages import Answer, Turn

_TURN_BYTES = 4_194_304
_TURN_SECONDS = 0.05
_MOST_EXPERIMENTS = 2000
_MOST_WEIGHT = 210_000_000  # bytes
"""Two thousand experiments of a hundred series have room, and need not be read anew."""


class ScalarShelf:
    """Takes one turn after the other; what was not asked for longest is forgotten first."""

    def __init__(
        self, most_experiments: int = _MOST_EXPERIMENTS, most_weight: int = _MOST_WEIGHT
    ) -> None:
        self._most_experiments = most_experiments
        self._most_weight = most_weight
        self._experiments = OrderedDict[str, ScalarExperiment]()
        self._weight = 0

    def __len__(self) -> int:
        """Return how many experiments are remembered."""
        return len(self._experiments)

    def take(
        self, turn: Turn, *, size: int = _TURN_BYTES, seconds: float = _TURN_SECONDS
    ) -> Answer:
        """Read on in an experiment, so many bytes and seconds; return what is known by then."""
        experiment = self._experiments.setdefault(turn.experiment, ScalarExperiment())
        self._experiments.move_to_end(turn.experiment)
        before = experiment.weight
        complete = experiment.read(turn.files, Allowance(size, seconds))
        self._weight += experiment.weight - before
        self._make_room()
        return experiment.told(turn.experiment, complete=complete)

    def _make_room(self) -> None:
        while len(self._experiments) > 1 and self._is_full():
            _, forgotten = self._experiments.popitem(last=False)
            self._weight -= forgotten.weight

    def _is_full(self) -> bool:
        return len(self._experiments) > self._most_experiments or self._weight > self._most_weight
