"""Where the logdir roots really lie, also while some of them hang."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from tbgateway.discovery.patient_thread import PatientThread
from tbgateway.discovery.roots import Root

_PATIENCE = 2.0  # seconds


class RealRoots:
    """Asks in a thread of each root's own; one that hangs is where it was seen last."""

    def __init__(self, roots: Mapping[str, Root], patience: float = _PATIENCE) -> None:
        """Wait so many seconds for each root."""
        self._roots = roots
        self._threads = {name: PatientThread(patience) for name in roots}
        self._seen: dict[str, str] = {}

    async def now(self) -> dict[str, Root]:
        """Return the roots with their real paths, which nobody has to look up again."""
        found = await asyncio.gather(*map(self._find, self._roots))
        return dict(zip(self._roots, found, strict=True))

    async def _find(self, name: str) -> Root:
        path = self._roots[name].path
        real = await self._threads[name].ask(partial(os.path.realpath, path))
        if real is not None:
            self._seen[name] = str(real)
        return replace(self._roots[name], real=self._seen.get(name, str(path)))
