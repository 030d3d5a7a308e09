"""Leases: for how long scripts may be silent before they count as lost."""

import math
from collections.abc import Iterable

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.names import ExperimentId

SHORTEST = 10.0
LONGEST = 86_400.0
LOOK_EVERY = 2.0
"""Seconds between two looks at the clock."""
_STUCK = 3 * LOOK_EVERY


def check_lease(lease: float) -> float:
    """Return the lease in seconds; raise InvalidInputError for one too short or too long."""
    if SHORTEST <= lease <= LONGEST:
        return float(lease)
    raise InvalidInputError(
        f"A lease of {lease:g} s is not possible.",
        hint=f"Use {SHORTEST:g} to {LONGEST:g} seconds: for so long may a script be silent.",
        field="lease",
    )


class Leases:
    """Who was heard when, counted in time during which anybody could be heard.

    Whoever looks too late was stuck, and heard nobody meanwhile: each lease begins anew then, since
    scripts that found nobody to talk to come back late.
    """

    def __init__(self, now: float) -> None:
        """Begin at `now`: seconds of a clock that is never set, and runs while the machine sleeps.

        All further times are of the same clock.
        """
        self._looked_at = now
        self._time = 0.0
        self._heard: dict[ExperimentId, tuple[float, float]] = {}
        self._lately: set[ExperimentId] = set()

    def __repr__(self) -> str:
        return f"<Leases of {len(self._heard)}>"

    def hear(self, experiment: ExperimentId, lease: float) -> None:
        """Note that the experiment's script was heard, and for how long it may be silent now."""
        self._heard[experiment] = self._time, lease
        self._lately.add(experiment)

    def forget(self, experiment: ExperimentId) -> None:
        """Expect no script of this experiment any more."""
        self._heard.pop(experiment, None)
        self._lately.discard(experiment)

    def silent_for(self, experiment: ExperimentId) -> float | None:
        """Return the seconds since its script was heard, give or take LOOK_EVERY; None if never."""
        heard = self._heard.get(experiment)
        return None if heard is None else self._time - heard[0]

    def look(self, now: float) -> tuple[ExperimentId, ...]:
        """Return who has been silent for longer than allowed; to be called every LOOK_EVERY."""
        passed, self._looked_at = now - self._looked_at, now
        if passed > _STUCK:
            self._renew(tuple(self._heard))
        else:
            self._time += passed
            self._renew(self._lately)  # whoever was heard since the last look counts as heard now
        self._lately.clear()
        return tuple(one for one in self._heard if self.is_lost(one))

    def is_lost(self, experiment: ExperimentId) -> bool:
        """Whether its script has been silent for longer than it may."""
        at, lease = self._heard.get(experiment, (0.0, math.inf))
        return self._time - at > lease

    def _renew(self, experiments: Iterable[ExperimentId]) -> None:
        for one in experiments:
            self._heard[one] = self._time, self._heard[one][1]
