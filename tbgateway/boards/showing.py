"""Which boards show which experiments, as far as somebody may know of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from tbgateway.domain.access import may_see
from tbgateway.domain.model import Board, Experiment, Identity
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class Showing:
    """The boards that somebody may see, as they were when it was made."""

    store: Store
    seen: Mapping[BoardId, Board]

    @classmethod
    def to(cls, identity: Identity, store: Store) -> Self:
        """Look what `identity` may see."""
        seen = {key: one for key, one in store.boards.items() if may_see(identity, one)}
        return cls(store, seen)

    def boards(self, experiment: Experiment) -> tuple[Board, ...]:
        """Return the boards the experiment is on, by name."""
        memberships = self.store.boards_showing(experiment.id)
        boards = (self.seen.get(one.board_id) for one in memberships if not one.removing)
        return tuple(sorted((one for one in boards if one is not None), key=lambda one: one.name))

    def experiments(self) -> frozenset[ExperimentId]:
        """Return all experiments that are on some board."""
        return frozenset(
            one.experiment_id
            for one in self.store.memberships.values()
            if not one.removing and one.board_id in self.seen
        )

    def of_any(self, experiments: Collection[ExperimentId]) -> frozenset[BoardId]:
        """Return the boards that at least one of these experiments is on."""
        return frozenset(
            one.board_id
            for one in self.store.memberships.values()
            if one.experiment_id in experiments and not one.removing and one.board_id in self.seen
        )
