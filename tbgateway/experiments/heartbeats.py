"""Hearing scripts, and noticing those that are not heard any more."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.experiment_state import heard, is_leased
from tbgateway.domain.leases import LOOK_EVERY, Leases
from tbgateway.domain.model import Experiment, Record, Replacement
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.ending import Ending
from tbgateway.experiments.finding import not_found
from tbgateway.store import Store

log = structlog.get_logger(__name__)


def uptime() -> float:
    """Return the seconds since the machine was started, those included that it slept."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class Heartbeats:
    """Who was heard is known in memory only: what is stored is who is expected, and who is lost.

    `clock` is one that is never set, and runs while the machine sleeps; seconds.
    """

    store: Store
    ending: Ending
    lost: Callable[[Experiment], Experiment]
    """Tells how an experiment stands whose script is lost."""
    clock: Callable[[], float]
    pause: float = LOOK_EVERY
    """Seconds between two looks."""
    leases: Leases = field(init=False)

    def __post_init__(self) -> None:
        """Expect those scripts that were expected when the gateway ended, and follow changes."""
        self.leases = Leases(self.clock())
        for one in self.store.experiments.values():
            self.expect(one)
        self.store.listen(self._changed)

    def expect(self, experiment: Experiment) -> None:
        """Count from now on how long its script is silent, if it has one."""
        if experiment.lease is not None and is_leased(experiment):
            self.leases.hear(experiment.id, experiment.lease)

    def silent_for(self, experiment: ExperimentId) -> float | None:
        """Return the seconds since its script was heard; None if it is not expected."""
        return self.leases.silent_for(experiment)

    async def hear(self, experiment: ExperimentId, lease: float) -> Experiment:
        """Note that the experiment's script was heard; return the experiment as it stands.

        Raise NotFoundError for one that is not known any more.
        """
        known = self._known(experiment)
        if heard(known, lease) is not known:
            known = await self._change(experiment, lease)
        self.expect(known)
        return known

    async def watch(self) -> None:
        """Look again and again who was not heard for too long. Runs until it is cancelled.

        They are stopped beside it: a root that hangs must not keep it from looking at the clock.
        """
        stopping: asyncio.Task[None] | None = None
        async with asyncio.TaskGroup() as tasks:
            while True:
                await asyncio.sleep(self.pause)
                silent = self.silent()
                if silent and (stopping is None or stopping.done()):
                    stopping = tasks.create_task(self._try_to_stop(silent))

    def silent(self) -> tuple[Experiment, ...]:
        """Look at the clock; return the experiments whose scripts are silent for too long."""
        known = map(self.store.experiments.get, self.leases.look(self.clock()))
        return tuple(one for one in known if one is not None)

    async def stop(self, silent: Iterable[Experiment]) -> None:
        """Stop these, measured once more, unless their scripts are heard or end meanwhile."""
        for one in await self.ending.end(silent, self._stopped):
            log.info("heartbeat lost", experiment=one.name, state=one.state.value)

    async def _try_to_stop(self, silent: Iterable[Experiment]) -> None:
        try:
            await self.stop(silent)
        except TbgatewayError as error:  # they are still lost at the next look
            log.warning("lost experiments could not be stopped", reason=error.detail)

    async def _change(self, experiment: ExperimentId, lease: float) -> Experiment:
        async with self.store.transaction() as tx:
            found = self._known(experiment)
            after = heard(found, lease)
            if after is not found:
                tx.put(after)
        return after

    def _known(self, experiment: ExperimentId) -> Experiment:
        found = self.store.experiments.get(experiment)
        if found is None:
            raise not_found(experiment)
        return found

    def _stopped(self, experiment: Experiment) -> Experiment | None:
        """Return it stopped, unless its script was heard or it ended while it was measured."""
        is_silent = is_leased(experiment) and self.leases.is_lost(experiment.id)
        return self.lost(experiment) if is_silent else None

    def _changed(self, replacements: Sequence[Replacement]) -> None:
        """Expect those whose lease is new, and nobody whose lease is gone."""
        for before, after in replacements:
            if isinstance(after, Experiment) and is_leased(after):
                if _lease(before) != after.lease:
                    self.expect(after)
            elif isinstance(before, Experiment):
                self.leases.forget(before.id)


def _lease(record: Record | None) -> float | None:
    return record.lease if isinstance(record, Experiment) and is_leased(record) else None
