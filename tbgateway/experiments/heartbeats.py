"""Hearing scripts, and noticing those that are not heard any more."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import structlog

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.experiment_state import heard, is_leased
from tbgateway.domain.leases import LOOK_EVERY, Leases
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.ending import Ending
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
    told: Callable[[Iterable[Experiment]], None]
    """Is called with experiments whose state changed."""
    clock: Callable[[], float]
    pause: float = LOOK_EVERY
    """Seconds between two looks."""
    leases: Leases = field(init=False)

    def __post_init__(self) -> None:
        """Expect those scripts that were expected when the gateway ended."""
        self.leases = Leases(self.clock())
        self.expect(self.store.experiments.values())

    def expect(self, experiments: Iterable[Experiment]) -> None:
        """Expect the scripts of those that have one, from now on."""
        for one in experiments:
            if one.lease is not None and is_leased(one):
                self.leases.hear(one.id, one.lease)

    def silent_for(self, experiment: ExperimentId) -> float | None:
        """Return the seconds since its script was heard; None if it is not expected."""
        return self.leases.silent_for(experiment)

    async def hear(self, experiment: Experiment, lease: float) -> Experiment:
        """Note that the experiment's script was heard; return the experiment as it stands."""
        known = self.store.experiments.get(experiment.id, experiment)
        if heard(known, lease) is not known:
            known = await self._change(known, lease)
        self.expect([known])
        return known

    async def watch(self) -> None:
        """Look again and again who was not heard for too long. Runs until it is cancelled."""
        self.leases = Leases(self.clock())  # nobody could be heard before
        self.expect(self.store.experiments.values())
        while True:
            await asyncio.sleep(self.pause)
            try:
                await self.look()
            except TbgatewayError as error:  # they are still lost at the next look
                log.warning("lost experiments could not be stopped", reason=error.detail)

    async def look(self) -> None:
        """Stop the experiments whose scripts were not heard for too long."""
        missed = [self._known(one) for one in self.leases.look(self.clock())]
        silent = [one for one in missed if one is not None]
        if not silent:
            return
        stopped = await self.ending.end(silent, self._stopped)
        for one in stopped:
            self.leases.forget(one.id)
            log.info("heartbeat lost", experiment=one.name, state=one.state.value)
        self.told(stopped)

    async def _change(self, experiment: Experiment, lease: float) -> Experiment:
        async with self.store.transaction() as tx:
            found = self.store.experiments.get(experiment.id)
            after = experiment if found is None else heard(found, lease)
            if found is not None and after is not found:
                tx.put(after)
        self.told([after])
        return after

    def _known(self, key: ExperimentId) -> Experiment | None:
        """Return the experiment if its script is still expected."""
        found = self.store.experiments.get(key)
        if found is not None and is_leased(found):
            return found
        self.leases.forget(key)
        return None

    def _stopped(self, experiment: Experiment) -> Experiment | None:
        """Return it stopped, unless its script was heard or it ended while it was measured."""
        is_silent = is_leased(experiment) and self.leases.is_lost(experiment.id)
        return self.lost(experiment) if is_silent else None
