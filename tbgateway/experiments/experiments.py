"""The use cases around experiments: finding, registering, completing them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from heapq import nlargest, nsmallest

from tbgateway.discovery import Found, LogdirThreads, Root
from tbgateway.domain.errors import AmbiguousNameError, NotFoundError
from tbgateway.domain.model import Experiment, ExperimentState, Identity
from tbgateway.domain.names import BoardId, ExperimentId, is_id
from tbgateway.domain.reasons import check_reason
from tbgateway.experiments.ending import Ending
from tbgateway.experiments.forgetting import Forgetting, Sorted
from tbgateway.experiments.registering import Registering
from tbgateway.experiments.rescanning import Rescanning
from tbgateway.experiments.resolving import Resolved, Resolving
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store, Transaction
from tbgateway.supervisor.link_plan import display_name

_MEASURED_AT_ONCE = 4
_SOUGHT_AT_ONCE = 1000  # then everybody else gets a turn
Sought = Found | ExperimentId
"""What somebody named: a directory that may become an experiment, or one that is known."""


class Experiments:
    """All experiments; `wake` is told the boards whose links or states may have changed."""

    def __init__(
        self,
        store: Store,
        roots: Mapping[str, Root],
        settings: ExperimentsSettings,
        wake: Callable[[BoardId], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._roots = roots
        self._settings = settings
        self._wake = wake
        self._clock = clock
        self._threads = LogdirThreads(_MEASURED_AT_ONCE)
        self._rescanning = Rescanning(store, roots, settings, clock)
        depth, judged = settings.search_depth, self._rescanning.judged
        self._registering = Registering(store, roots, depth, judged, clock)
        self._ending = Ending(store, roots, depth, self._threads, judged)
        self._forgetting = Forgetting(store, roots, depth, self._threads)

    def list(
        self, *, state: ExperimentState | None = None, text: str | None = None
    ) -> tuple[Experiment, ...]:
        """Return the experiments in no order; `text` is searched for in their names."""
        return tuple(
            experiment
            for experiment in self._store.experiments.values()
            if (state is None or experiment.state is state)
            and (text is None or text.casefold() in self.display_name(experiment).casefold())
        )

    @property
    def count(self) -> int:
        """How many are known."""
        return len(self._store.experiments)

    @property
    def roots(self) -> tuple[str, ...]:
        """The names of the logdir roots that are looked at."""
        return tuple(sorted(self._roots))

    def newest(self, most: int) -> tuple[Experiment, ...]:
        """Return so many experiments, the newest event first."""
        known = self._store.experiments.values()
        since = min(nlargest(most, map(_last_event, known)), default=0.0)  # numbers compare fast
        late = (one for one in known if _last_event(one) >= since)
        return tuple(nsmallest(most, late, key=_newest_first))

    def display_name(self, experiment: Experiment) -> str:
        """Return the name people see: `root:name` where the same name exists in two roots."""
        return display_name(self._store, experiment)

    def find(self, ref: str) -> Experiment:
        """Return the experiment with this id, name, `root:name` or absolute path.

        Raise NotFoundError, or AmbiguousNameError for a bare name below more than one root.
        """
        matches: tuple[Experiment, ...]
        if is_id(ref):
            found = self._store.experiments.get(ExperimentId(ref))
            matches = () if found is None else (found,)
        elif ref.startswith("/"):
            there = self._store.experiment_at(ref.rstrip("/"))
            matches = () if there is None else (there,)
        else:
            matches = self._named(ref)
        if not matches:
            raise NotFoundError(
                f"There is no experiment {ref!r}.",
                hint="List them, or register a directory by its path.",
                command="tbgateway experiment list",
            )
        if len(matches) > 1:
            names = ", ".join(sorted(self.display_name(one) for one in matches))
            raise AmbiguousNameError(
                f"{ref!r} exists below more than one logdir root.", hint=f"Use one of: {names}"
            )
        return matches[0]

    async def resolve(self, text: str) -> Resolved:
        """Find what a list names; directories that are not known yet become experiments."""
        return await Resolving(self.find, self.register, self.rescan).resolve(text)

    async def seek(self, refs: Iterable[str]) -> tuple[Sought, ...]:
        """Look for what `refs` name: known experiments, or directories that could become some.

        Nothing is stored yet: see `enlist`. Raise NotFoundError, AmbiguousNameError, or
        InvalidInputError for a path outside of the roots.
        """
        sought = []
        for number, ref in enumerate(refs, start=1):
            sought.append(await self._sought(ref))
            if number % _SOUGHT_AT_ONCE == 0:
                await asyncio.sleep(0)
        return tuple(sought)

    def enlist(self, tx: Transaction, sought: Iterable[Sought]) -> tuple[Experiment, ...]:
        """Return what was sought; `tx` registers those directories that are not known yet.

        Boards are woken by `announce`, after the transaction. Raise InvalidInputError for a
        directory without event files, NameTakenError for one whose name is taken.
        """
        wanted = tuple(sought)
        places = {one.path: one for one in wanted if isinstance(one, Found)}
        at = {path: self._registering.put(tx, place) for path, place in places.items()}
        return tuple(at[one.path] if isinstance(one, Found) else self.find(one) for one in wanted)

    def announce(self, sought: Iterable[Sought]) -> None:
        """Tell the boards around those directories that were registered on the way."""
        found = (self._store.experiment_at(one.path) for one in sought if isinstance(one, Found))
        self._wake_boards_around(one for one in found if one is not None)

    def names_together(self, experiments: Iterable[Experiment]) -> tuple[str, ...]:
        """Return the names these have once all of them are stored."""
        together = tuple(experiments)
        roots = {one.name: {same.root for same in self._named(one.name)} for one in together}
        for one in together:
            roots[one.name].add(one.root)
        return tuple(
            one.name if len(roots[one.name]) == 1 else f"{one.root}:{one.name}" for one in together
        )

    async def register(
        self, path: str, *, name: str | None = None, held: bool = False
    ) -> Experiment:
        """Make the directory at `path` an experiment; known ones are returned.

        `held` keeps it running until somebody says otherwise, and allows a directory that is
        still empty. A `name` given for a known experiment renames it. Raise InvalidInputError
        for a path outside of the roots or without event files, NameTakenError for a taken name.
        """
        located = await self._registering.locate(path, self._threads)
        async with self._store.transaction() as tx:
            before = self._store.experiment_at(located.path)
            experiment = self._registering.put(tx, located, name=name, held=held)
        self._wake_boards_around([experiment] if before is None else [before, experiment])
        return experiment

    async def complete(self, ref: str, *, by: str) -> Experiment:
        """Say that the experiment is finished."""
        ended = await self.complete_all([await self._find_fresh(ref)], by=by)
        return ended[0] if ended else self.find(ref)  # forgotten meanwhile: nobody finds it

    async def complete_all(
        self, experiments: Iterable[Experiment], *, by: str
    ) -> tuple[Experiment, ...]:
        """Say that all of these are finished; those forgotten meanwhile are left out."""
        return await self._end(experiments, ExperimentState.COMPLETED, f"completed by {by}")

    async def fail(self, ref: str, *, reason: str, by: str) -> Experiment:
        """Say that the experiment failed, and why."""
        ended = await self.fail_all([await self._find_fresh(ref)], reason=reason, by=by)
        return ended[0] if ended else self.find(ref)  # as above

    async def fail_all(
        self, experiments: Iterable[Experiment], *, reason: str, by: str
    ) -> tuple[Experiment, ...]:
        """Say that all of these failed, and why; those forgotten meanwhile are left out.

        Raise InvalidInputError for a reason that is more than a line.
        """
        told = check_reason(reason) or f"failed, said {by}"
        return await self._end(experiments, ExperimentState.FAILED, told)

    async def delete(self, identity: Identity, ref: str) -> None:
        """Forget an experiment (never its files).

        Raise ConflictError while it is on a board or would come back.
        """
        outcome = await self.delete_all(identity, [self.find(ref)])
        for _, refusal in outcome.staying:
            raise refusal

    async def delete_all(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Forget those of these that can be, and tell which stay and why."""
        outcome = await self._forgetting.forget(identity, experiments)
        self._wake_boards_around(outcome.forgettable)
        return outcome

    async def sort_out(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Tell which of these could be forgotten, and which not and why."""
        return await self._forgetting.sort(identity, experiments)

    async def rescan(self) -> None:
        """Look at all roots once: find new experiments, measure known ones, store what changed."""
        self._wake_boards_around(await self._rescanning.rescan())

    # --- helpers

    async def _sought(self, ref: str) -> Sought:
        if ref.startswith("/"):
            return await self._registering.locate(ref, self._threads)
        return (await self._find_fresh(ref)).id

    async def _find_fresh(self, ref: str) -> Experiment:
        """Find it; a name that is not known may have been made since the last scan."""
        try:
            return self.find(ref)
        except NotFoundError:
            await self.rescan()
            return self.find(ref)

    def _named(self, ref: str) -> tuple[Experiment, ...]:
        matches = self._store.experiments_named(ref)
        root, colon, name = ref.partition(":")
        if matches or not colon:
            return matches
        return tuple(one for one in self._store.experiments_named(name) if one.root == root)

    async def _end(
        self, experiments: Iterable[Experiment], state: ExperimentState, reason: str
    ) -> tuple[Experiment, ...]:
        ended = await self._ending.end(experiments, state, reason)
        self._wake_boards_around(ended)
        return ended

    def _wake_boards_around(self, experiments: Iterable[Experiment]) -> None:
        """Wake the boards that show these, or others whose names these make ambiguous."""
        for experiment in experiments:
            for same in {experiment, *self._store.experiments_named(experiment.name)}:
                for membership in self._store.boards_showing(same.id):
                    self._wake(membership.board_id)


def _newest_first(experiment: Experiment) -> tuple[float, str, str]:
    return -_last_event(experiment), experiment.root, experiment.name


def _last_event(experiment: Experiment) -> float:
    return experiment.last_event_at or 0.0
