"""Looking at the roots again and again, and storing what changed."""

import asyncio
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import structlog

from tbgateway.discovery import Found, Root, RootScan, ScanReport, rootless, together
from tbgateway.domain import experiment_state
from tbgateway.domain.description_file import FileNews, without
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId, new_experiment_id
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.file_news import NewsOfFiles
from tbgateway.experiments.moments import Moments
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store

log = structlog.get_logger(__name__)


class Rescanning:
    """Scans all roots at once, one scan after the other; `clock` tells Unix seconds.

    A root that hangs, or takes longer than others can wait, keeps nobody from the others' news.
    """

    def __init__(
        self,
        store: Store,
        roots: Mapping[str, Root],
        settings: ExperimentsSettings,
        describing: Describing,
        moments: Moments,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._settings = settings
        self._moments = moments
        self._clock = clock
        self._files = NewsOfFiles(store, describing)
        depth = settings.search_depth
        self._scans = {name: RootScan(name, root, depth) for name, root in roots.items()}
        self._turn = asyncio.Lock()
        self._reported: frozenset[tuple[str, str]] = frozenset()

    async def rescan(self) -> None:
        """Scan all roots off the event loop, and store what changed."""
        async with self._turn:
            await self._rescan()

    async def _rescan(self) -> None:
        report = await self._look()
        self._report_skipped(report)
        async with self._store.transaction() as tx:
            newcomers = tuple(self._newcomers(report.found))
            after = {one.id: one for one in (*self._rejudged(report), *map(_made, newcomers))}
            found = {one.id: place for one, place in newcomers}
            news = await self._files.news(report, found)
            after |= {one.id: one for one in self._told(after, news)}
            tx.put(*after.values(), *(one.description for one in news.values()))
        self._files.took(min((one.begun_at for one in self._scans.values()), default=math.inf))

    async def _look(self) -> ScanReport:
        """Scan each root by itself; experiments of roots that are not configured look like that."""
        known = tuple(self._store.experiments.values())
        taken = frozenset(one.path for one in known)
        by_root = {name: list[Experiment]() for name in self._scans}
        strays: list[Experiment] = []
        for one in known:
            by_root.get(one.root, strays).append(one)
        scans = [one.scan(by_root[name], taken) for name, one in self._scans.items()]
        return together([rootless(strays), *await asyncio.gather(*scans)])

    def judged(self, experiment: Experiment, seen: Measurement) -> Experiment:
        """Return the experiment as it stands after being measured just now.

        What was measured before it changed is not believed: it would be taken for growth later.
        """
        if self._moments.is_outdated(experiment.id, seen):
            return experiment
        return experiment_state.judge(
            experiment,
            seen,
            self._clock(),
            complete_after_idle=self._settings.complete_after_idle,
        )

    def _rejudged(self, report: ScanReport) -> Iterator[Experiment]:
        """Yield the known experiments that a scan changed, as they are now."""
        for key, seen in report.measurements.items():
            before = self._store.experiments.get(key)
            if before is None:
                continue
            after = self.judged(*self._followed(before, seen, report))
            if after is not before:
                yield after

    def _followed(
        self, experiment: Experiment, seen: Measurement, report: ScanReport
    ) -> tuple[Experiment, Measurement]:
        """Return the experiment and its measurement; those at its new path, if it moved."""
        moved = report.moved.get(experiment.id)
        if moved is None or self._store.experiment_at(moved.path) is not None:
            return experiment, seen
        return replace(experiment, path=moved.path), moved.measurement

    def _newcomers(self, found: Iterable[Found]) -> Iterator[tuple[Experiment, Found]]:
        for one in found:
            same_name = self._store.experiments_named(one.name)
            if self._store.experiment_at(one.path) or one.root in {it.root for it in same_name}:
                continue
            made = Experiment(
                id=new_experiment_id(),
                root=one.root,
                name=one.name,
                path=one.path,
                created_at=self._clock(),
            )
            yield self.judged(made, one.measurement), one

    def _told(
        self, after: Mapping[ExperimentId, Experiment], news: Mapping[ExperimentId, FileNews]
    ) -> Iterator[Experiment]:
        """Yield the experiments that begin or end by what their files say."""
        for key, said in news.items():
            experiment = after.get(key) or self._store.experiments[key]
            told = without(experiment, said.past)
            if said.end is not None:
                told = experiment_state.ended(told, said.end, self._clock())
            if told is not experiment:
                yield told

    def _report_skipped(self, report: ScanReport) -> None:
        skipped = frozenset(report.skipped)
        for path, reason in sorted(skipped - self._reported):
            log.warning("not an experiment", path=path, reason=reason)
        self._reported = skipped


def _made(newcomer: tuple[Experiment, Found]) -> Experiment:
    return newcomer[0]
