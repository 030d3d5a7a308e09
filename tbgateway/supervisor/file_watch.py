"""Noticing, while boards run, that files or roots were replaced under TensorBoard's hands."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

import structlog

from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.supervisor.root_watch import RootWatch, by_root

log = structlog.get_logger(__name__)

_INTERVAL = 1.0  # seconds between two looks, which is what TensorBoard takes too


class FileWatch:
    """Looks at the `shown` experiments again and again.

    `outdated` is told whose files were replaced, `moved` that a root is another directory now.
    """

    def __init__(
        self,
        roots: Mapping[str, RootWatch],
        shown: Callable[[], Iterable[Experiment]],
        outdated: Callable[[frozenset[ExperimentId]], None],
        moved: Callable[[], None],
        interval: float = _INTERVAL,
    ) -> None:
        self._roots = roots
        self._shown = shown
        self._outdated = outdated
        self._moved = moved
        self._interval = interval
        self._identities: dict[str, object] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                shown = by_root(self._shown())
                for name, root in self._roots.items():
                    if not root.busy and (name in shown or root.watches):
                        group.create_task(self._look(name, shown.get(name, {})))
                await asyncio.sleep(self._interval)

    async def _look(self, name: str, paths: Mapping[ExperimentId, str]) -> None:
        root = self._roots[name]
        try:
            outdated = await root.look(paths)
            if outdated:
                self._outdated(outdated)
            identity = await root.identify()
            if identity not in {None, self._identities.get(name)}:
                self._identities[name] = identity
                self._moved()
        except Exception:
            log.exception("looking at event files failed", root=repr(root))
