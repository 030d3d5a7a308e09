"""A directory tree as users make it, and a scanner with a memory of what it found."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tbgateway.discovery import Found, Root, Scanner, ScanReport
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import ExperimentId, new_experiment_id

EVENTS = "events.out.tfevents.1700000000.host.1.0"
INTERVAL = 10.0
TURNS = 6


class Clock:
    """Begins far enough ahead of the real one that fresh directories count as settled."""

    def __init__(self) -> None:
        self.now = time.time() + 3600.0

    def __call__(self) -> float:
        return self.now


class Site:
    """A scanner, and a memory of what it found that stands in for the gateway's store."""

    def __init__(self, roots: dict[str, Root], search_depth: int = 4) -> None:
        self.clock = Clock()
        self.scanner = Scanner(roots, search_depth, self.clock)
        self.known: dict[ExperimentId, Experiment] = {}

    def look(self) -> ScanReport:
        """Scan once, one interval later."""
        self.clock.now += INTERVAL
        report = self.scanner.scan(self.known.values())
        time.sleep(0.01)  # what happens next gets a later time even where clocks tick slowly
        return report

    def adopt(self, state: ExperimentState = ExperimentState.COMPLETED) -> dict[str, ExperimentId]:
        """Scan once and make experiments of all that is found; return their ids by name."""
        for found in self.look().found:
            self.register(found, state)
        return {one.name: one.id for one in self.known.values()}

    def register(self, found: Found, state: ExperimentState, *, registered: bool = False) -> None:
        experiment = Experiment(
            id=new_experiment_id(),
            root=found.root,
            name=found.name,
            path=found.path,
            state=state,
            registered=registered,
            created_at=0.0,
        )
        self.known[experiment.id] = experiment


def write(path: Path, size: int = 10, at: float = 1_700_000_000.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (at, at))
    return path


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def names(report: ScanReport) -> list[str]:
    return sorted(found.name for found in report.found)


def reasons(report: ScanReport, root: Path) -> dict[str, str]:
    return {str(Path(path).relative_to(root)): reason for path, reason in report.skipped}
