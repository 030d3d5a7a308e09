"""Forgetting experiments, but for those that people look at and those that would come back."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tbgateway import discovery
from tbgateway.discovery import Root, RootThreads
from tbgateway.domain.access import may_see
from tbgateway.domain.errors import ConflictError, UnavailableError
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
    """Forgets records, never files; each root is looked at in its own `threads`."""

    store: Store
    roots: Mapping[str, Root]
    search_depth: int
    threads: Mapping[str, RootThreads]

    async def sort(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Look which could be forgotten now; nothing changes.

        The reasons name no board that `identity` may not see.
        """
        wanted = tuple(experiments)
        return await self._sorted(identity, wanted, await self._warnings(wanted))

    async def forget(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Forget those that can be; those that somebody forgot meanwhile are neither."""
        wanted = tuple(experiments)
        warnings = await self._warnings(wanted)
        async with self.store.transaction() as tx:
            known = [
                found for one in wanted if (found := self.store.experiments.get(one.id)) is not None
            ]
            outcome = await self._sorted(identity, known, warnings)
            tx.drop(*outcome.forgettable)
        return outcome

    async def _warnings(self, experiments: Sequence[Experiment]) -> Mapping[str, ConflictError]:
        """Return why experiments would come back, or nobody knows, by their paths."""
        paths = [one.path for one in experiments]
        asked = (self._coming_back(name, paths) for name in self.roots)
        back = dict(zip(self.roots, await asyncio.gather(*asked), strict=True))
        known = frozenset[str]().union(*(found for found in back.values() if found is not None))
        warnings = {one.path: _would_come_back(one) for one in experiments if one.path in known}
        mute = [one for one in experiments if back.get(one.root, known) is None]
        return {
            one.path: _nobody_knows(one, self.threads[one.root].place) for one in mute
        } | warnings

    async def _coming_back(self, name: str, paths: Sequence[str]) -> frozenset[str] | None:
        """Return which of these a scan of that root would find; None if it does not answer."""
        look = partial(discovery.would_find, paths, {name: self.roots[name]}, self.search_depth)
        try:
            return await self.threads[name].run(look)
        except UnavailableError:
            return None

    async def _sorted(
        self,
        identity: Identity,
        experiments: Sequence[Experiment],
        warnings: Mapping[str, ConflictError],
    ) -> Sorted:
        forgettable: list[Experiment] = []
        staying: list[tuple[Experiment, ConflictError]] = []
        async for one in in_turns(experiments):
            refusal = self._refusal(identity, one) or warnings.get(one.path)
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


def _would_come_back(one: Experiment) -> ConflictError:
    return ConflictError(
        f"{one.name!r} still lies below a logdir root and would be found again.",
        hint="tbgateway never deletes event files: move the directory away first.",
    )


def _nobody_knows(one: Experiment, place: str) -> ConflictError:
    return ConflictError(
        f"{one.name!r} lies below the {place}, which does not answer.",
        hint="Whether it would be found again is known when its mount is back.",
    )
