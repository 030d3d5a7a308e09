"""What happened to experiments after what: what was seen or said before is of the past."""

import time
from collections.abc import Sequence

from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment, Replacement
from tbgateway.domain.names import ExperimentId


class Moments:
    """When experiments began and changed, in memory only; to be called with every commit.

    All times are seconds of `time.monotonic`.
    """

    def __init__(self) -> None:
        self._begun: dict[ExperimentId, float] = {}
        self._changed: dict[ExperimentId, float] = {}

    def __repr__(self) -> str:
        return f"<Moments of {len(self._changed)}>"

    def __call__(self, replacements: Sequence[Replacement]) -> None:
        """Note which experiments stand differently from now on, or are gone."""
        now = time.monotonic()
        for before, after in replacements:
            if isinstance(after, Experiment):
                if not isinstance(before, Experiment) or _stands(before) != _stands(after):
                    self._changed[after.id] = now
            elif isinstance(before, Experiment):
                self._changed.pop(before.id, None)
                self._begun.pop(before.id, None)

    def begins(self, experiment: ExperimentId, asked_at: float) -> None:
        """Note that it begins, which was asked for then."""
        self._begun[experiment] = asked_at

    def began_after(self, experiment: ExperimentId, at: float) -> bool:
        """Whether it began after that time."""
        return self._begun.get(experiment, 0.0) > at

    def is_outdated(self, experiment: ExperimentId, seen: Measurement) -> bool:
        """Whether its record changed after somebody began to look at its files."""
        return seen.at < self._changed.get(experiment, 0.0)


def _stands(experiment: Experiment) -> object:
    """Return what a measurement changes, or is compared with."""
    return (
        experiment.state,
        experiment.reason,
        experiment.bytes,
        experiment.complete_bytes,
        experiment.last_event_at,
    )
