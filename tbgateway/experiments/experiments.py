"""The use cases around experiments: finding, registering, completing them."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from tbgateway import discovery
from tbgateway.discovery import Found, LogdirThreads, Root
from tbgateway.domain.errors import (
    AmbiguousNameError,
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotFoundError,
)
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import (
    BoardId,
    ExperimentId,
    check_experiment_name,
    is_id,
    new_experiment_id,
)
from tbgateway.experiments.rescanning import Rescanning
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store
from tbgateway.supervisor.link_plan import display_name

_MEASURED_AT_ONCE = 4


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

    def list(
        self, *, state: ExperimentState | None = None, text: str | None = None
    ) -> tuple[Experiment, ...]:
        """Return the experiments, newest event first; `text` is searched for in their names."""
        wanted = (
            experiment
            for experiment in self._store.experiments.values()
            if (state is None or experiment.state is state)
            and (text is None or text.casefold() in self.display_name(experiment).casefold())
        )
        return tuple(
            sorted(wanted, key=lambda one: (-(one.last_event_at or 0.0), one.root, one.name))
        )

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
                hint="See: tbgateway experiment list. A directory is registered by its path:"
                " tbgateway experiment register PATH",
            )
        if len(matches) > 1:
            names = ", ".join(sorted(self.display_name(one) for one in matches))
            raise AmbiguousNameError(
                f"{ref!r} exists below more than one logdir root.", hint=f"Use one of: {names}"
            )
        return matches[0]

    async def find_or_register(self, ref: str) -> Experiment:
        """Return what `ref` names; an absolute path is registered if it is not known yet."""
        return await self.register(ref) if ref.startswith("/") else await self._find_fresh(ref)

    async def register(
        self, path: str, *, name: str | None = None, held: bool = False
    ) -> Experiment:
        """Make the directory at `path` an experiment; known ones are returned.

        `held` keeps it running until somebody says otherwise, and allows a directory that is
        still empty. A `name` given for a known experiment renames it. Raise InvalidInputError
        for a path outside of the roots or without event files, NameTakenError for a taken name.
        """
        located = await self._threads.run(lambda: self._locate(path))
        async with self._store.transaction() as tx:
            before = self._store.experiment_at(located.path)
            if before is None and not held:
                self._check_not_empty(located)
            experiment = self._registered(before, located, name, held=held)
            experiment = self._rescanning.judged(experiment, located.measurement)
            self._check_name_is_free(experiment)
            if experiment != before:
                tx.put(experiment)
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
                    hint="Remove it there first: tbgateway board remove BOARD EXPERIMENT",
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

    def _locate(self, path: str) -> Found:
        """Look at a path in a thread; its name is its place below its root."""
        name, real = discovery.resolve_inside(path, self._roots)
        root = self._roots[name].path
        measurement = discovery.measure(real, root, self._settings.search_depth)
        relative = os.path.relpath(real, os.path.realpath(root))
        return Found(root=name, name=relative, path=str(real), measurement=measurement)

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

    def _registered(
        self, before: Experiment | None, located: Found, name: str | None, *, held: bool
    ) -> Experiment:
        if before is None:
            return Experiment(
                id=new_experiment_id(),
                root=located.root,
                name=check_experiment_name(located.name if name is None else name),
                path=located.path,
                held=held,
                registered=True,
                created_at=self._clock(),
            )
        if name is not None:
            self._check_may_be_renamed(before, name)
            before = replace(before, name=check_experiment_name(name), registered=True)
        if held and before.state is not ExperimentState.RUNNING:
            before = replace(before, state=ExperimentState.RUNNING, reason="", complete_bytes=0)
        return replace(before, held=True) if held else before

    def _check_may_be_renamed(self, experiment: Experiment, name: str) -> None:
        """Refuse to rename what people look at: the board may be theirs alone."""
        shown = len(self._store.boards_showing(experiment.id))
        if shown and name != experiment.name:
            raise ConflictError(
                f"{self.display_name(experiment)!r} is on {shown} board(s): there it keeps its"
                " name.",
                hint="Remove it there first: tbgateway board remove BOARD EXPERIMENT",
            )

    def _check_not_empty(self, located: Found) -> None:
        if located.measurement.last_event_at is None:
            raise InvalidInputError(
                f"{located.path!r} holds no event files"
                f" down to {self._settings.search_depth} levels.",
                hint="Check the path, or register it before its first event with --running.",
            )

    def _check_name_is_free(self, experiment: Experiment) -> None:
        for other in self._store.experiments_named(experiment.name):
            if other.id != experiment.id and other.root == experiment.root:
                raise NameTakenError(
                    f"The name {experiment.name!r} belongs to {other.path!r}.",
                    hint="Choose another one with --name.",
                )

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
