"""Finding known experiments by what people call them."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest, nsmallest

from tbgateway.domain.errors import AmbiguousNameError, NotFoundError
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId, is_id
from tbgateway.store import Store
from tbgateway.supervisor.link_plan import display_name


def not_found(ref: str) -> NotFoundError:
    """Return the error for what names no experiment."""
    return NotFoundError(
        f"There is no experiment {ref!r}.",
        hint="List them, or register a directory by its path.",
        command="tbgateway experiment list",
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """Finds experiments in memory."""

    store: Store

    def find(self, ref: str) -> Experiment:
        """Return the experiment with this id, name, `root:name` or absolute path.

        Raise NotFoundError, or AmbiguousNameError for a bare name below more than one root.
        """
        matches = self._matches(ref)
        if not matches:
            raise not_found(ref)
        if len(matches) > 1:
            names = ", ".join(sorted(display_name(self.store, one) for one in matches))
            raise AmbiguousNameError(
                f"{ref!r} exists below more than one logdir root.", hint=f"Use one of: {names}"
            )
        return matches[0]

    def newest(self, most: int) -> tuple[Experiment, ...]:
        """Return so many experiments, the newest event first."""
        known = self.store.experiments.values()
        since = min(nlargest(most, map(_last_event, known)), default=0.0)  # numbers compare fast
        late = (one for one in known if _last_event(one) >= since)
        return tuple(nsmallest(most, late, key=_newest_first))

    def names_together(self, experiments: Iterable[Experiment]) -> tuple[str, ...]:
        """Return the names these have once all of them are stored."""
        together = tuple(experiments)
        roots = {one.name: {same.root for same in self._named(one.name)} for one in together}
        for one in together:
            roots[one.name].add(one.root)
        return tuple(
            one.name if len(roots[one.name]) == 1 else f"{one.root}:{one.name}" for one in together
        )

    def _matches(self, ref: str) -> tuple[Experiment, ...]:
        if is_id(ref):
            found = self.store.experiments.get(ExperimentId(ref))
        elif ref.startswith("/"):
            found = self.store.experiment_at(ref.rstrip("/"))
        else:
            return self._named(ref)
        return () if found is None else (found,)

    def _named(self, ref: str) -> tuple[Experiment, ...]:
        matches = self.store.experiments_named(ref)
        root, colon, name = ref.partition(":")
        if matches or not colon:
            return matches
        return tuple(one for one in self.store.experiments_named(name) if one.root == root)


def _newest_first(experiment: Experiment) -> tuple[float, str, str]:
    return -_last_event(experiment), experiment.root, experiment.name


def _last_event(experiment: Experiment) -> float:
    return experiment.last_event_at or 0.0
