"""The use cases around experiments: finding, registering, completing them."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from heapq import nlargest, nsmallest

from tbgateway import discovery
from tbgateway.discovery import Found, LogdirThreads, Root
from tbgateway.domain.errors import (
    AmbiguousNameError,
    ConflictError,
    NotFoundError,
)
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import (
    BoardId,
    ExperimentId,
    is_id,
)
from tbgateway.experiments.registering import Registering
from tbgateway.experiments.rescanning import Rescanning
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store, Transaction
from tbgateway.supervisor.link_plan import display_name

_MEASURED_AT_ONCE = 4
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
        self._registering = Registering(
            store, roots, settings.search_depth, self._rescanning.judged, clock
        )

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

    async def seek(self, refs: Iterable[str]) -> tuple[Sought, ...]:
        """Look for what `refs` name: known experiments, or directories that could become some.

        Nothing is stored yet: see `enlist`. Raise NotFoundError, AmbiguousNameError, or
        InvalidInputError for a path outside of the roots.
        """
        return tuple([await self._sought(ref) for ref in refs])

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
        return await self._end(ref, ExperimentState.COMPLETED, f"completed by {by}")

    async def fail(self, ref: str, *, reason: str, by: str) -> Experiment:
        """Say that the experiment failed, and why."""
        return await self._end(ref, ExperimentState.FAILED, reason or f"failed, said {by}")

    async def delete(self, ref: str) -> None:
        """Forget an experiment (never its files). Raise ConflictError while it would come back."""
        path = self.find(ref).path
        comes_back = await self._threads.run(
            lambda: discovery.would_find(path, self._roots, self._settings.search_depth)
        )
        async with self._store.transaction() as tx:
            experiment = self.find(ref)
            boards = self._store.boards_showing(experiment.id)
            if boards:
                names = ", ".join(self._store.boards[one.board_id].name for one in boards)
                raise ConflictError(
                    f"{ref!r} is on {len(boards)} board(s): {names}.",
                    hint="Remove it there first.",
                    command="tbgateway board remove BOARD EXPERIMENT",
                )
            if comes_back:
                raise ConflictError(
                    f"{ref!r} still lies below a logdir root and would be found again.",
                    hint="tbgateway never deletes event files: move the directory away first.",
                )
            tx.drop(experiment)
        self._wake_boards_around([experiment])

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

    async def _measure(self, experiment: Experiment) -> Measurement:
        root = self._roots.get(experiment.root)
        if root is None:  # its root is not served any more; what was last seen stays true
            return Measurement(
                bytes=experiment.bytes,
                last_event_at=experiment.last_event_at,
                problem=experiment.problem,
            )
        depth = self._settings.search_depth
        return await self._threads.run(lambda: discovery.measure(experiment.path, root.path, depth))

    async def _end(self, ref: str, state: ExperimentState, reason: str) -> Experiment:
        found = await self._find_fresh(ref)
        seen = await self._measure(found)
        async with self._store.transaction() as tx:
            experiment = self._rescanning.judged(self.find(found.id), seen)
            experiment = replace(
                experiment,
                state=state,
                reason=reason,
                held=False,
                complete_bytes=experiment.bytes,
            )
            tx.put(experiment)
        self._wake_boards_around([experiment])
        return experiment

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
