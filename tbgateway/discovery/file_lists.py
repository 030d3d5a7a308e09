"""Which event files experiments have, for those who read them."""

import asyncio
import os
from collections.abc import Mapping

from tbgateway.discovery.logdir_threads import LogdirThreads
from tbgateway.discovery.roots import Root
from tbgateway.domain.model import Experiment
from tbgateway.eventfiles import EventFile, find, is_within

_PATIENCE = 5.0  # seconds


class EventFileLists:
    """Looks in a thread of each root's own: where a mount hangs, nothing but that hangs with it."""

    def __init__(
        self, roots: Mapping[str, Root], search_depth: int, patience: float = _PATIENCE
    ) -> None:
        self._roots = roots
        self._search_depth = search_depth
        self._patience = patience
        self._threads = {name: LogdirThreads(1) for name in roots}

    async def of(self, experiment: Experiment) -> tuple[EventFile, ...] | None:
        """Return the experiment's event files; None where its root does not answer, or is gone."""
        threads = self._threads.get(experiment.root)
        if threads is None or threads.busy:
            return None
        try:
            async with asyncio.timeout(self._patience):
                return await threads.run(lambda: self._find(experiment))
        except TimeoutError:  # the thread goes on, and the root is not asked meanwhile
            return None

    def _find(self, experiment: Experiment) -> tuple[EventFile, ...] | None:
        root = os.path.realpath(self._roots[experiment.root].path)
        if experiment.path == root or not is_within(experiment.path, root):
            return None
        return find(experiment.path, root, self._search_depth)
