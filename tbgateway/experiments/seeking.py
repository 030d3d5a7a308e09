"""Looking for what people name: known experiments, and directories that may become some."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from tbgateway.discovery import Found
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.experiments.finding import Finding
from tbgateway.experiments.registering import Registering
from tbgateway.store import Transaction

_SOUGHT_AT_ONCE = 1000  # then everybody else gets a turn
Sought = Found | ExperimentId
"""What somebody named: a directory that may become an experiment, or one that is known."""


@dataclass(frozen=True, slots=True)
class Seeking:
    """Looks in memory, at directories, and at all roots where a name is not known yet."""

    finding: Finding
    registering: Registering
    rescan: Callable[[], Awaitable[None]]

    async def seek(self, refs: Iterable[str]) -> tuple[Sought, ...]:
        """Look for what `refs` name; nothing is stored yet."""
        sought: list[Sought] = []
        for number, ref in enumerate(refs, start=1):
            sought.append(await self._sought(ref))
            if number % _SOUGHT_AT_ONCE == 0:
                await asyncio.sleep(0)
        return tuple(sought)

    async def fresh(self, ref: str) -> Experiment:
        """Find it; a name that is not known may have been made since the last scan."""
        try:
            return self.finding.find(ref)
        except NotFoundError:
            await self.rescan()
            return self.finding.find(ref)

    def enlist(self, tx: Transaction, sought: Iterable[Sought]) -> tuple[Experiment, ...]:
        """Return what was sought; `tx` registers those directories that are not known yet."""
        wanted = tuple(sought)
        places = {one.path: one for one in wanted if isinstance(one, Found)}
        at = {path: self.registering.put(tx, place) for path, place in places.items()}
        return tuple(
            at[one.path] if isinstance(one, Found) else self.finding.find(one) for one in wanted
        )

    async def _sought(self, ref: str) -> Sought:
        if ref.startswith("/"):
            return await self.registering.locate(ref)
        return (await self.fresh(ref)).id
