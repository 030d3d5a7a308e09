"""The use cases around experiments: finding, registering, describing, ending them."""

import time
from collections.abc import Callable, Iterable, Mapping

from tbgateway.discovery import LogdirThreads, Root, threads_by_root
from tbgateway.domain.description import Edit, Told, check_told
from tbgateway.domain.experiment_state import End, ended, knows
from tbgateway.domain.leases import check_lease
from tbgateway.domain.model import Description, Experiment, Identity
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.ending import Ending
from tbgateway.experiments.ends import completed, failed, stopped
from tbgateway.experiments.finding import Finding
from tbgateway.experiments.forgetting import Forgetting, Sorted
from tbgateway.experiments.heartbeats import Heartbeats, uptime
from tbgateway.experiments.logdirs import Logdir, logdirs_of
from tbgateway.experiments.moments import Moments
from tbgateway.experiments.registering import Registering
from tbgateway.experiments.rescanning import Rescanning
from tbgateway.experiments.resolving import Resolved, Resolving
from tbgateway.experiments.searching import EVERYTHING, Search
from tbgateway.experiments.seeking import Seeking, Sought
from tbgateway.experiments.waking import Waking
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store, Transaction
from tbgateway.supervisor.link_plan import display_name

_ENDED_AT_ONCE = 4
_MEASURED_FOR = 5.0  # seconds at the end; then what the last scan saw has to do
_NOTHING_TOLD = Told()


class Experiments:
    """All experiments; `wake` is told the boards whose links or states may have changed."""

    def __init__(
        self,
        store: Store,
        roots: Mapping[str, Root],
        settings: ExperimentsSettings,
        wake: Callable[[BoardId], None],
        clock: Callable[[], float] = time.time,
        leases_clock: Callable[[], float] = uptime,
    ) -> None:
        self._store = store
        self._roots = roots
        self._settings = settings
        self._clock = clock
        self._finding = Finding(store)
        self._describing = Describing(store)
        self._moments = Moments()
        self._rescanning = Rescanning(
            store, roots, settings, self._describing, self._moments, clock
        )
        depth, judged = settings.search_depth, self._rescanning.judged
        threads = threads_by_root(roots)
        self._registering = Registering(store, roots, threads, depth, judged, clock)

        def ending(at_once: int) -> Ending:
            own = {name: LogdirThreads(at_once) for name in roots}
            return Ending(store, roots, depth, own, judged, _MEASURED_FOR)

        self._ending = ending(_ENDED_AT_ONCE)
        self._heartbeats = Heartbeats(
            store, ending(1), lambda one: self._describing.lost(one, clock()), leases_clock
        )
        self._seeking = Seeking(self._finding, self._registering, self.rescan)
        self._forgetting = Forgetting(store, roots, depth, threads)
        store.listen(self._moments)
        store.listen(Waking(store, wake))

    def list(
        self, search: Search = EVERYTHING, among: Iterable[Experiment] | None = None
    ) -> tuple[Experiment, ...]:
        """Return the experiments that the search chooses, of these or of all, in no order.

        To look through ten thousand takes a tenth of a second: give some of them at a time.
        """
        everything = self._store.experiments.values()
        return tuple(search.among(self._store, everything if among is None else among))

    @property
    def count(self) -> int:
        """How many are known."""
        return len(self._store.experiments)

    @property
    def roots(self) -> tuple[str, ...]:
        """The names of the logdir roots that are looked at."""
        return tuple(sorted(self._roots))

    @property
    def logdirs(self) -> tuple[Logdir, ...]:
        """The logdir roots, and in which of them scripts make new experiments."""
        return logdirs_of(self._roots, self._settings.new_in)

    def newest(self, most: int) -> tuple[Experiment, ...]:
        """Return so many experiments, the newest event first."""
        return self._finding.newest(most)

    def description(self, experiment_id: ExperimentId) -> Description:
        """Return what is said of an experiment; an empty description if nothing is."""
        return self._describing.of(experiment_id)

    def silent_for(self, experiment_id: ExperimentId) -> float | None:
        """Return the seconds since its script was heard, give or take two; None without one."""
        return self._heartbeats.silent_for(experiment_id)

    def display_name(self, experiment: Experiment) -> str:
        """Return the name people see: `root:name` where the same name exists in two roots."""
        return display_name(self._store, experiment)

    def find(self, ref: str) -> Experiment:
        """Return the experiment with this id, name, `root:name` or absolute path.

        Raise NotFoundError, or AmbiguousNameError for a bare name below more than one root.
        """
        return self._finding.find(ref)

    async def resolve(self, text: str) -> Resolved:
        """Find what a list names; directories that are not known yet become experiments."""
        return await Resolving(self.find, self.register, self.rescan).resolve(text)

    async def seek(self, refs: Iterable[str]) -> tuple[Sought, ...]:
        """Look for what `refs` name: known experiments, or directories that could become some.

        Nothing is stored yet: see `enlist`. Raise NotFoundError, AmbiguousNameError, or
        InvalidInputError for a path outside of the roots.
        """
        return await self._seeking.seek(refs)

    def enlist(self, tx: Transaction, sought: Iterable[Sought]) -> tuple[Experiment, ...]:
        """Return what was sought; `tx` registers those directories that are not known yet.

        Raise InvalidInputError for a directory without event files, NameTakenError for one whose
        name is taken.
        """
        return self._seeking.enlist(tx, sought)

    def names_together(self, experiments: Iterable[Experiment]) -> tuple[str, ...]:
        """Return the names these have once all of them are stored."""
        return self._finding.names_together(experiments)

    async def register(
        self,
        path: str,
        *,
        name: str | None = None,
        held: bool = False,
        lease: float | None = None,
        nonce: str | None = None,
        told: Told = _NOTHING_TOLD,
    ) -> Experiment:
        """Make the directory at `path` an experiment; known ones are returned.

        `held` keeps it running until somebody says otherwise, and allows a directory that is still
        empty. With a `lease` (seconds) its script begins it, anew if it is known: it is held as
        long as the script is heard. A `name` given for a known experiment renames it. `nonce` is
        what the script wrote into the directory, to see whether it is shared.

        Raise InvalidInputError for a path outside of the roots or without event files, or for
        what cannot be told, NameTakenError for a taken name, NotSharedError for another nonce.
        """
        told, lease = check_told(told), lease if lease is None else check_lease(lease)
        begins = lease is not None
        looked_at = time.monotonic()
        located = await self._registering.locate(path, nonce=nonce, begins=begins)
        async with self._store.transaction() as tx:
            experiment = self._registering.put(tx, located, name=name, held=held, lease=lease)
            if begins:
                self._describing.begin(tx, experiment.id, told, located.reading, looked_at)
                self._moments.begins(experiment.id, looked_at)
            else:
                self._describing.tell(tx, experiment.id, told)
        if begins:
            self._heartbeats.expect(experiment)
        return experiment

    async def heartbeat(self, ref: str, lease: float) -> Experiment:
        """Note that its script was heard, which may be silent for `lease` seconds now.

        One that was taken for lost runs again; one that ended does not: its state tells so. Raise
        InvalidInputError for a lease that is not possible.
        """
        return await self._heartbeats.hear(self.find(ref).id, check_lease(lease))

    async def watch_leases(self) -> None:
        """Stop the experiments whose scripts are not heard any more. Runs until cancelled."""
        await self._heartbeats.watch()

    async def describe(self, ref: str, edit: Edit) -> Experiment:
        """Change what is said of an experiment. Raise InvalidInputError for what cannot be."""
        experiment = await self._seeking.fresh(ref)
        async with self._store.transaction() as tx:
            experiment = self.find(experiment.id)
            self._describing.edit(tx, experiment.id, edit)
        return experiment

    async def complete(self, ref: str, *, by: str, ended_at: float | None = None) -> Experiment:
        """Say that the experiment is finished; its own script says when (Unix seconds)."""
        return await self._end_one(ref, completed(by, ended_at))

    async def complete_all(
        self, experiments: Iterable[Experiment], *, by: str
    ) -> tuple[Experiment, ...]:
        """Say that all of these are finished; those forgotten meanwhile are left out."""
        return await self._end(experiments, completed(by))

    async def fail(
        self, ref: str, *, reason: str, by: str, ended_at: float | None = None
    ) -> Experiment:
        """Say that the experiment failed, and why; its own script says when (Unix seconds).

        Raise InvalidInputError for a reason that is more than a line.
        """
        return await self._end_one(ref, failed(reason, by, ended_at))

    async def fail_all(
        self, experiments: Iterable[Experiment], *, reason: str, by: str
    ) -> tuple[Experiment, ...]:
        """Say that all of these failed, and why; those forgotten meanwhile are left out.

        Raise InvalidInputError for a reason that is more than a line.
        """
        return await self._end(experiments, failed(reason, by))

    async def stop(
        self, ref: str, *, reason: str, by: str, ended_at: float | None = None
    ) -> Experiment:
        """Say that the experiment was stopped, and why; its own script says when (Unix seconds).

        Raise InvalidInputError for a reason that is more than a line.
        """
        return await self._end_one(ref, stopped(reason, by, ended_at))

    async def stop_all(
        self, experiments: Iterable[Experiment], *, reason: str, by: str
    ) -> tuple[Experiment, ...]:
        """Say that all of these were stopped, and why; those forgotten meanwhile are left out.

        Raise InvalidInputError for a reason that is more than a line.
        """
        return await self._end(experiments, stopped(reason, by))

    async def delete(self, identity: Identity, ref: str) -> None:
        """Forget an experiment (never its files).

        Raise ConflictError while it is on a board or would come back.
        """
        outcome = await self.delete_all(identity, [self.find(ref)])
        for _, refusal in outcome.staying:
            raise refusal

    async def delete_all(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Forget those of these that can be, and tell which stay and why."""
        return await self._forgetting.forget(identity, experiments)

    async def sort_out(self, identity: Identity, experiments: Iterable[Experiment]) -> Sorted:
        """Tell which of these could be forgotten, and which not and why."""
        return await self._forgetting.sort(identity, experiments)

    async def rescan(self) -> None:
        """Look at all roots once: find new experiments, measure known ones, store what changed."""
        await self._rescanning.rescan()

    # --- helpers

    async def _end_one(self, ref: str, end: End) -> Experiment:
        asked_at = time.monotonic()
        experiment = await self._seeking.fresh(ref)
        if knows(experiment, end):
            return experiment
        ended = await self._end([experiment], end, asked_at)
        # Left alone is what was forgotten meanwhile: nobody finds it. Or what began meanwhile.
        return ended[0] if ended else self.find(experiment.id)

    async def _end(
        self, experiments: Iterable[Experiment], end: End, asked_at: float | None = None
    ) -> tuple[Experiment, ...]:
        asked_at = time.monotonic() if asked_at is None else asked_at

        def ended_now(one: Experiment) -> Experiment | None:
            is_of_the_past = self._moments.began_after(one.id, asked_at)
            return None if is_of_the_past else ended(one, end, self._clock())

        return await self._ending.end(experiments, ended_now)
