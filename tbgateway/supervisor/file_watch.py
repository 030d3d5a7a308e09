"""Noticing, while boards run, that event files were replaced under TensorBoard's hands."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from tbgateway.discovery import LogdirThreads, Rota
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId

log = structlog.get_logger(__name__)

_INTERVAL = 1.0  # seconds between two looks, which is what TensorBoard takes too


class FileWatch:
    """Looks at the `shown` experiments again and again; tells whose files are `outdated`.

    Each logdir root has a thread of its own: where a mount hangs, the other roots go on.
    """

    def __init__(
        self,
        shown: Callable[[], Iterable[Experiment]],
        outdated: Callable[[frozenset[ExperimentId]], None],
        interval: float = _INTERVAL,
    ) -> None:
        self._shown = shown
        self._outdated = outdated
        self._interval = interval
        self._rotas: dict[str, _RootWatch] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                for root in self._idle_roots():
                    root.busy = True
                    group.create_task(self._look(root))
                await asyncio.sleep(self._interval)

    def _idle_roots(self) -> "list[_RootWatch]":
        """Return the roots that have something to look at and do not hang in it already."""
        paths: dict[str, dict[ExperimentId, str]] = {}
        for one in self._shown():
            paths.setdefault(one.root, {})[one.id] = one.path
        self._rotas = {
            name: root for name, root in self._rotas.items() if root.busy or name in paths
        }
        found = [(self._rotas.setdefault(name, _RootWatch()), it) for name, it in paths.items()]
        idle = [(root, it) for root, it in found if not root.busy]
        for root, its_paths in idle:
            root.rota.keep(its_paths)
        return [root for root, _ in idle]

    async def _look(self, root: "_RootWatch") -> None:
        try:
            outdated = await root.threads.run(root.rota.look)
            if outdated:
                self._outdated(outdated)
        except Exception:
            log.exception("looking at event files failed", rota=repr(root.rota))
        finally:
            root.busy = False


class _RootWatch:
    def __init__(self) -> None:
        self.rota = Rota()
        self.threads = LogdirThreads(1)
        self.busy = False
