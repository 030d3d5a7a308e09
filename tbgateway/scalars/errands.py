"""What is to be read, in the order it will be."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.worker.scalar_messages import Turn

Mark = tuple[str, int, float | None]
"""By this it is told whether an experiment's files changed: path, size, time of the last event."""


def mark_of(experiment: Experiment) -> Mark:
    """Return the mark of what a scan saw last."""
    return experiment.path, experiment.bytes, experiment.last_event_at


@dataclass(slots=True)
class Errand:
    """An experiment to be read as it was seen last; `turns` were taken, `losses` had no answer.

    `turn` is what the reader is told, once the files are known.
    """

    experiment: Experiment
    turn: Turn | None = None
    turns: int = 0
    losses: int = 0

    @property
    def mark(self) -> Mark:
        """What is read up to."""
        return mark_of(self.experiment)


class Errands:
    """Newest asked first. Those that were begun come last and take turns, so that all advance.

    At most `most` wait; those that were asked longest ago are dropped.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting = OrderedDict[ExperimentId, Errand]()
        self._current: Errand | None = None
        self._added = asyncio.Event()

    def __len__(self) -> int:
        """Return how many wait, the one that is being read included."""
        return len(self._waiting) + (self._current is not None)

    def ask(self, experiment: Experiment) -> None:
        """Have an experiment read; nothing more happens if it is about to be."""
        if self._is_current(experiment):
            return
        waiting = self._waiting.get(experiment.id)
        if waiting is None or waiting.mark != mark_of(experiment):
            self._waiting[experiment.id] = Errand(experiment)
        if self._waiting[experiment.id].turns == 0:
            self._waiting.move_to_end(experiment.id)
        while len(self._waiting) > self._most:
            self._waiting.popitem(last=False)
        self._added.set()

    async def begin(self) -> Errand:
        """Return the errand whose turn it is, and wait for one if need be."""
        while not self._waiting:
            self._added.clear()
            await self._added.wait()
        _, self._current = self._waiting.popitem()
        return self._current

    def end(self, errand: Errand, *, again: bool = False) -> None:
        """Take note that a turn is over; `again` has it take another, after all others."""
        self._current = None
        one = errand.experiment.id
        if again and one not in self._waiting:  # else it changed meanwhile, and is new
            self._waiting[one] = errand
            self._waiting.move_to_end(one, last=False)

    def _is_current(self, experiment: Experiment) -> bool:
        current = self._current
        if current is None or current.experiment.id != experiment.id:
            return False
        return current.mark == mark_of(experiment)
