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

    Each root has its `threads`. What one does not tell within `patience` seconds, and what is of a
    root that is not served any more, stays as it was seen last.
    """

    store: Store
    roots: Mapping[str, Root]
    search_depth: int
    threads: Mapping[str, LogdirThreads]
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
        wanted = tuple({one.id: one for one in experiments}.values())
        seen = await self._measurements(wanted)
        done: list[Experiment] = []
        async with self.store.transaction() as tx:
            async for one in in_turns(wanted):
                found = self.store.experiments.get(one.id)
                after = None if found is None else ended(self._judged(found, seen))
                if after is not None:
                    done.append(after)
            tx.put(*done)
        return tuple(done)

    def _judged(
        self, experiment: Experiment, seen: Mapping[ExperimentId, Measurement]
    ) -> Experiment:
        measurement = seen.get(experiment.id)
        return experiment if measurement is None else self.judged(experiment, measurement)

    async def _measurements(
        self, experiments: Sequence[Experiment]
    ) -> Mapping[ExperimentId, Measurement]:
        """Measure them root by root: where one hangs, no thread is left for each of its own."""
        wanted = {name: [one for one in experiments if one.root == name] for name in self.roots}
        looks = [self._ask(name, there) for name, there in wanted.items() if there]
        answers = await asyncio.gather(*looks)
        return {key: seen for answer in answers for key, seen in answer.items()}

    async def _ask(
        self, name: str, experiments: Sequence[Experiment]
    ) -> Mapping[ExperimentId, Measurement]:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                look = partial(self._look, self.roots[name], experiments)
                return await self.threads[name].run(look)
        return {}

    def _look(
        self, root: Root, experiments: Sequence[Experiment]
    ) -> Mapping[ExperimentId, Measurement]:
        """Measure the experiments of one root, in a thread."""
        return {
            one.id: discovery.measure(one.path, root.path, self.search_depth) for one in experiments
        }
