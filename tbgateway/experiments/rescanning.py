"""Looking at the roots again and again, and storing what changed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import structlog

from tbgateway.discovery import Found, LogdirThreads, Root, Scanner, ScanReport
from tbgateway.domain import experiment_state
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import new_experiment_id
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store

log = structlog.get_logger(__name__)


class Rescanning:
    """Scans, one at a time; `clock` tells Unix seconds."""

    def __init__(
        self,
        store: Store,
        roots: Mapping[str, Root],
        settings: ExperimentsSettings,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._scanner = Scanner(roots, search_depth=settings.search_depth)
        self._threads = LogdirThreads(1)  # a scanner can do no more
        self._reported: frozenset[tuple[str, str]] = frozenset()

    async def rescan(self) -> tuple[Experiment, ...]:
        """Scan all roots off the event loop; return the experiments that boards care about.

        These are new ones and those whose state, problem or path changed: not those that grew.
        """
        known = tuple(self._store.experiments.values())
        report = await self._threads.run(lambda: self._scanner.scan(known))
        self._report_skipped(report)
        async with self._store.transaction() as tx:
            changed = self._rejudged(report)
            newcomers = tuple(self._newcomers(report.found))
            tx.put(*(after for _, after in changed), *newcomers)
        turned = (after for before, after in changed if _looks(before) != _looks(after))
        return (*turned, *newcomers)

    def judged(self, experiment: Experiment, seen: Measurement) -> Experiment:
        """Return the experiment as it stands after being measured just now."""
        return experiment_state.judge(
            experiment,
            seen,
            self._clock(),
            complete_after_idle=self._settings.complete_after_idle,
        )

    def _rejudged(self, report: ScanReport) -> tuple[tuple[Experiment, Experiment], ...]:
        """Return the known experiments that a scan changed, before and after."""
        pairs = (
            (before, self.judged(*self._followed(before, seen, report)))
            for key, seen in report.measurements.items()
            if (before := self._store.experiments.get(key)) is not None
        )
        return tuple((before, after) for before, after in pairs if after is not before)

    def _followed(
        self, experiment: Experiment, seen: Measurement, report: ScanReport
    ) -> tuple[Experiment, Measurement]:
        """Return the experiment and its measurement; those at its new path, if it moved."""
        moved = report.moved.get(experiment.id)
        if moved is None or self._store.experiment_at(moved.path) is not None:
            return experiment, seen
        return replace(experiment, path=moved.path), moved.measurement

    def _newcomers(self, found: Iterable[Found]) -> Iterable[Experiment]:
        for one in found:
            same_name = self._store.experiments_named(one.name)
            if self._store.experiment_at(one.path) or one.root in {it.root for it in same_name}:
                continue
            yield self.judged(
                Experiment(
                    id=new_experiment_id(),
                    root=one.root,
                    name=one.name,
                    path=one.path,
                    created_at=self._clock(),
                ),
                one.measurement,
            )

    def _report_skipped(self, report: ScanReport) -> None:
        skipped = frozenset(report.skipped)
        for path, reason in sorted(skipped - self._reported):
            log.warning("not an experiment", path=path, reason=reason)
        self._reported = skipped


def _looks(experiment: Experiment) -> tuple[str, str | None, str]:
    return experiment.state, experiment.problem, experiment.path
