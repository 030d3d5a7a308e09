"""Scalars that are known from the beginning; nothing is read."""

from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.domain.series import Digest
from tbgateway.eventfiles import EventFile
from tbgateway.scalars import Reader, Scalars

Digests = dict[ExperimentId, Digest]


async def _no_files(_: Experiment) -> tuple[EventFile, ...]:
    return ()


class FixedScalars(Scalars):
    """Tells what tests put into `digests`, and nothing of other experiments."""

    def __init__(self) -> None:
        super().__init__(Reader((), {}), _no_files, lambda _: None)
        self.digests = Digests()

    def _recall(self, experiment: Experiment, *, whole: bool) -> Digest | None:
        del whole
        return self.digests.get(experiment.id)
