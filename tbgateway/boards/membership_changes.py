"""Putting experiments on boards and taking them off, within a transaction."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Board, Experiment, Membership
from tbgateway.domain.names import check_no_shadow
from tbgateway.experiments import Experiments
from tbgateway.store import Store, Transaction


class MembershipChanges:
    """Changes which experiments a board shows; `clock` tells Unix seconds."""

    def __init__(self, store: Store, experiments: Experiments, clock: Callable[[], float]) -> None:
        self._store = store
        self._experiments = experiments
        self._clock = clock

    async def put(
        self,
        tx: Transaction,
        board: Board,
        added: Sequence[Experiment],
        removed: Sequence[Experiment],
    ) -> None:
        """Have `tx` add and remove experiments; what is as it shall be stays untouched.

        Others get a turn in between, thousands take their time. Nothing changes meanwhile: nobody
        else has a transaction.
        Raise InvalidInputError if one is to be both, NamesShadowError if two stand in each other's
        way on this board.
        """
        self._refuse_contradiction(added, removed)
        leaving = {one.id for one in removed}
        present = {one.experiment_id: one for one in self._store.memberships_of(board.id)}
        staying = {key for key, one in present.items() if not one.removing}
        await self._check_names([self._store.experiments[key] for key in staying - leaving], added)
        await asyncio.sleep(0)
        for experiment in added:
            known = present.get(experiment.id)
            if known is None or known.removing:
                tx.put(self._membership(board, experiment))
        for key in leaving & set(present):
            tx.put(replace(present[key], removing=True))

    def _refuse_contradiction(
        self, added: Sequence[Experiment], removed: Sequence[Experiment]
    ) -> None:
        coming = {one.id for one in added}
        for one in removed:
            if one.id in coming:
                name = self._experiments.display_name(one)
                raise InvalidInputError(
                    f"{name!r} is to be added and removed.", hint="Ask for one of the two."
                )

    async def _check_names(
        self, staying: Sequence[Experiment], added: Sequence[Experiment]
    ) -> None:
        together = {one.id: one for one in (*staying, *added)}
        names = self._experiments.names_together(together.values())
        await asyncio.sleep(0)
        check_no_shadow(names)

    def _membership(self, board: Board, experiment: Experiment) -> Membership:
        return Membership(board_id=board.id, experiment_id=experiment.id, added_at=self._clock())
