"""The scans of one logdir root: one at a time, and none that others wait for for ever."""

import asyncio
import time
from collections.abc import Collection, Iterable
from functools import partial

import structlog

from tbgateway.discovery.logdir_threads import LogdirThreads
from tbgateway.discovery.root_threads import PROMPT, RootThreads, spoken
from tbgateway.discovery.roots import Root
from tbgateway.discovery.scanner import Scanner, ScanReport
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment

log = structlog.get_logger(__name__)

_PATIENCE = 30.0  # seconds for a root that answers, but is slow


class RootScan:
    """Scans in a thread of the root's own.

    What takes longer than others can wait goes on, and is told with a later scan; no second one
    begins meanwhile. A root that does not answer at all is a problem of its experiments.
    """

    def __init__(self, name: str, root: Root, search_depth: int) -> None:
        self.scanner = Scanner({name: root}, search_depth)
        self.begun_at = 0.0
        """When the scan began that was told last, or is on its way: monotonic seconds."""
        self._path = str(root.path)
        self._threads = LogdirThreads(1)
        self._pulse = RootThreads(spoken(name, root), root.path)
        self._running: asyncio.Task[ScanReport] | None = None

    def __repr__(self) -> str:
        """Tell which root it is, and whether a scan is on its way."""
        return f"<RootScan of {self._pulse.place} {'resting' if self._running is None else 'busy'}>"

    async def scan(self, known: Iterable[Experiment], taken: Collection[str]) -> ScanReport:
        """Look at the root and at its `known` experiments; `taken` are all known paths."""
        experiments = tuple(known)
        is_late = self._running is not None
        running = self._running or self._begin(experiments, taken)
        if await _is_over_within(running, 0.0 if is_late else PROMPT):
            return self._told(running)
        if not await self._pulse.answers():
            return self._nothing(experiments, "does not answer; does its mount hang?")
        if await _is_over_within(running, 0.0 if is_late else _PATIENCE):
            return self._told(running)
        return self._nothing((), "is slow, or something below it hangs: nothing new is seen there")

    def _begin(
        self, experiments: tuple[Experiment, ...], taken: Collection[str]
    ) -> asyncio.Task[ScanReport]:
        self.begun_at = time.monotonic()
        look = partial(self.scanner.scan, experiments, taken)
        self._running = asyncio.ensure_future(self._threads.run(look))
        return self._running

    def _told(self, running: asyncio.Task[ScanReport]) -> ScanReport:
        self._running = None
        error = running.exception()
        if error is None:
            return running.result()
        # One root's surprise must not cost the others their news.
        log.error("a logdir root cannot be looked at", root=self._path, exc_info=error)
        return self._nothing((), f"cannot be looked at ({type(error).__name__}: see the log)")

    def _nothing(self, known: Iterable[Experiment], why: str) -> ScanReport:
        lost = f"{self._pulse.place} {why}"
        seen = Measurement(bytes=0, last_event_at=None, problem=f"its {lost}")
        measurements = {one.id: seen for one in known}
        return ScanReport((), measurements, {}, {}, ((self._path, f"the {lost}"),))


async def _is_over_within(running: asyncio.Task[ScanReport], seconds: float) -> bool:
    return bool((await asyncio.wait({running}, timeout=seconds))[0])
