"""How much of a core it costs to look for changes below a root with many idle experiments.

Builds the experiments in a temporary directory, scans them, and prints CPU seconds per scan and
their share of the interval between scans. The reference is what a scanner without a memory does:
`os.walk` over everything and a stat of each file, in the same process and the same minute.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median

from tbgateway.discovery import Root, Scanner, ScanReport
from tbgateway.domain.description_file import FILE_NAME
from tbgateway.domain.experiment_state import judge
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import new_experiment_id

INTERVAL = 10.0
"""Seconds between two scans of a gateway."""
GOAL = 0.01
"""The share of a core that scanning may take."""
IDLE = 900.0
EVENTS = "events.out.tfevents.1700000000.host.1.0"


class Clock:
    """Stands an hour ahead, so that what was just built counts as long settled."""

    def __init__(self) -> None:
        self.now = time.time() + 3600.0

    def __call__(self) -> float:
        self.now += INTERVAL
        return self.now


def build(root: Path, experiments: int, runs: int, *, described: bool) -> None:
    """Make experiments of so many runs, each with one small event file of yesterday."""
    yesterday = time.time() - 86_400.0
    for number in range(experiments):
        if described:
            directory = root / f"experiment-{number:05d}"
            directory.mkdir()
            (directory / FILE_NAME).write_text('{"params": {"lr": 0.001}, "tags": ["bench"]}')
        for run in range(runs):
            directory = root / f"experiment-{number:05d}" / f"run-{run}"
            directory.mkdir(parents=True)
            (directory / EVENTS).write_bytes(b"x" * 100)
            os.utime(directory / EVENTS, (yesterday, yesterday))


def walk(root: Path) -> int:
    """Add up all event files the naive way."""
    return sum(
        os.lstat(f"{directory}/{name}").st_size
        for directory, _, names in os.walk(root)
        for name in names
        if "tfevents" in name
    )


def adopt(report: ScanReport) -> list[Experiment]:
    """Make completed experiments of what was found."""
    return [
        Experiment(
            id=new_experiment_id(),
            root=found.root,
            name=found.name,
            path=found.path,
            state=ExperimentState.COMPLETED,
            bytes=found.measurement.bytes,
            complete_bytes=found.measurement.bytes,
            last_event_at=found.measurement.last_event_at,
            created_at=0.0,
        )
        for found in report.found
    ]


def rescan(scanner: Scanner, clock: Clock, known: Iterable[Experiment]) -> None:
    """Scan and judge, as the gateway does; nothing has changed."""
    report = scanner.scan(known)
    for before in known:
        seen = report.measurements[before.id]
        after = judge(before, seen, clock.now, complete_after_idle=IDLE)
        if after is not before:
            raise SystemExit(f"{before.name} changed: {before} {after}")


def cpu(action: Callable[[], object], times: int = 1) -> float:
    """Return the median of the CPU seconds, of all threads, that an action takes."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        action()
        taken.append(time.process_time() - begun)
    return median(taken)


def row(what: str, seconds: float, goal: str = "") -> None:
    """Print one line of the table."""
    share = seconds / INTERVAL
    sys.stdout.write(f"{what:<52}{seconds * 1000:>10.1f}{share:>12.2%}   {goal}\n")


def measure(root: Path, scans: int) -> None:
    """Print the table."""
    clock = Clock()
    scanner = Scanner({"runs": Root(root)}, search_depth=4, clock=clock)
    sys.stdout.write(f"{'':<52}{'CPU ms':>10}{'of a core':>12}\n")
    row("first scan", cpu(lambda: scanner.scan([])))
    row("second scan, still unknown", cpu(lambda: scanner.scan([])))
    known = adopt(scanner.scan([]))
    unchanged = cpu(lambda: rescan(scanner, clock, known), scans)
    met = "goal met" if unchanged / INTERVAL <= GOAL else "GOAL MISSED"
    row("rescan, unchanged", unchanged, f"{met}: at most {GOAL:.0%}")
    running = [replace(one, state=ExperimentState.RUNNING, held=True) for one in known]
    row("rescan, unchanged, but all held as running", cpu(lambda: scanner.scan(running), scans))
    naive = cpu(lambda: walk(root), 3)
    row("reference: os.walk and stat of everything", naive)
    sys.stdout.write(f"rescan / reference: {unchanged / naive:.2f}\n")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=1, help="runs per experiment")
    parser.add_argument("--scans", type=int, default=12, help="how often to rescan")
    parser.add_argument("--described", action="store_true", help="each with a tbgateway.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-rescan-") as directory:
        root = Path(directory)
        build(root, options.experiments, options.runs, described=options.described)
        sys.stdout.write(
            f"{options.experiments} {'described ' * options.described}experiments"
            f" of {options.runs} run(s),"
            f" one scan every {INTERVAL:g} s, median of {options.scans}\n"
        )
        measure(root, options.scans)


if __name__ == "__main__":
    main()
