"""Saying that experiments are over: measured once more, then stored together."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from tbgateway import discovery
from tbgateway.discovery import LogdirThreads, Root
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.turns import in_turns
from tbgateway.store import Store


@dataclass(frozen=True, slots=True)
class Ending:
    """Ends experiments; `judged` tells how one stands after a measurement.

    What a root does not tell within `patience` seconds stays as a scan saw it last.
    """

    store: Store
    roots: Mapping[str, Root]
    search_depth: int
    threads: LogdirThreads
    judged: Callable[[Experiment, Measurement], Experiment]
    patience: float | None = None

    async def end(
        self,
        experiments: Iterable[Experiment],
        ended: Callable[[Experiment], Experiment | None],
    ) -> tuple[Experiment, ...]:
        """Measure them, store what `ended` makes of them, and return that.

        Those forgotten meanwhile stay so, and those of which it makes None are left alone.
        """
        seen = await self._measurements(tuple(experiments))
        done: list[Experiment] = []
        async with self.store.transaction() as tx:
            async for key, measurement in in_turns(seen.items()):
                found = self.store.experiments.get(key)
                after = None if found is None else ended(self.judged(found, measurement))
                if after is not None:
                    done.append(after)
            tx.put(*done)
        return tuple(done)

    async def _measurements(
        self, experiments: Sequence[Experiment]
    ) -> Mapping[ExperimentId, Measurement]:
        """Measure them root by root: where one hangs, no thread is left for each of its own."""
        seen = {one.id: _as_last_seen(one) for one in experiments}
        for name, root in self.roots.items():
            there = [one for one in experiments if one.root == name]
            if there:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.patience):
                        seen |= await self.threads.run(partial(self._look, root, there))
        return seen

    def _look(
        self, root: Root, experiments: Sequence[Experiment]
    ) -> Mapping[ExperimentId, Measurement]:
        """Measure the experiments of one root, in a thread."""
        return {
            one.id: discovery.measure(one.path, root.path, self.search_depth) for one in experiments
        }


def _as_last_seen(experiment: Experiment) -> Measurement:
    """Return what stays true of an experiment whose root is not served any more."""
    return Measurement(
        bytes=experiment.bytes,
        last_event_at=experiment.last_event_at,
        problem=experiment.problem,
    )
