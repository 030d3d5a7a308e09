"""Forgetting experiments, but for those that people look at and those that would come back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tbgateway import discovery
from tbgateway.discovery import LogdirThreads, Root
from tbgateway.domain.access import may_see
from tbgateway.domain.errors import ConflictError
from tbgateway.domain.model import Experiment, Identity, Membership
from tbgateway.experiments.turns import in_turns
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class Sorted:
    """Experiments that can be forgotten, or were, and those that stay, each with its why."""

    forgettable: tuple[Experiment, ...]
    staying: tuple[tuple[Experiment, ConflictError], ...]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Forgets records, never files."""

    store: Store
    roots: Mapping[str, Root]
    search_depth: int
    threads: LogdirThreads

    async def sort(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Look which could be forgotten now; nothing changes.

        The reasons name no board that `identity` may not see.
        """
        wanted = tuple(experiments)
        return await self._sorted(identity, wanted, await self._coming_back(wanted))

    async def forget(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Forget those that can be; those that somebody forgot meanwhile are neither."""
        wanted = tuple(experiments)
        coming_back = await self._coming_back(wanted)
        async with self.store.transaction() as tx:
            known = [
                found for one in wanted if (found := self.store.experiments.get(one.id)) is not None
            ]
            outcome = await self._sorted(identity, known, coming_back)
            tx.drop(*outcome.forgettable)
        return outcome

    async def _coming_back(self, experiments: Sequence[Experiment]) -> frozenset[str]:
        paths = [one.path for one in experiments]
        return await self.threads.run(
            partial(discovery.would_find, paths, self.roots, self.search_depth)
        )

    async def _sorted(
        self, identity: Identity, experiments: Sequence[Experiment], coming_back: frozenset[str]
    ) -> Sorted:
        forgettable: list[Experiment] = []
        staying: list[tuple[Experiment, ConflictError]] = []
        async for one in in_turns(experiments):
            refusal = self._refusal(identity, one) or _warning(one, coming_back)
            if refusal is None:
                forgettable.append(one)
            else:
                staying.append((one, refusal))
        return Sorted(tuple(forgettable), tuple(staying))

    def _refusal(self, identity: Identity, one: Experiment) -> ConflictError | None:
        shown_on = self.store.boards_showing(one.id)
        if not shown_on:
            return None
        return ConflictError(
            f"{one.name!r} is on {len(shown_on)} board(s): {self._named(identity, shown_on)}.",
            hint="Remove it there first.",
            command="tbgateway board remove BOARD EXPERIMENT",
        )

    def _named(self, identity: Identity, memberships: Iterable[Membership]) -> str:
        boards = [self.store.boards[one.board_id] for one in memberships]
        names = [board.name for board in boards if may_see(identity, board)]
        hidden = len(boards) - len(names)
        return ", ".join([*names, *([f"{hidden} that you may not see"] if hidden else [])])


def _warning(one: Experiment, coming_back: frozenset[str]) -> ConflictError | None:
    if one.path not in coming_back:
        return None
    return ConflictError(
        f"{one.name!r} still lies below a logdir root and would be found again.",
        hint="tbgateway never deletes event files: move the directory away first.",
    )
