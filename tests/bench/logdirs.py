"""What the benchmarks open: directories of experiments, and what a complete answer is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from event_writer import write_scalars
from running_gateway import fetch
from stock_tensorboard import StockTensorBoard, points_path

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
"""Where the real experiments lie, if they do: they are not part of this repository."""

Get = Callable[[str], Any]
"""Gets the JSON below some URL, or None while there is none."""


@dataclass(frozen=True)
class Logdir:
    """A directory of experiments, what TensorBoard lists of it, and one tag in it."""

    name: str
    path: Path
    runs: frozenset[str]
    run: str
    tag: str
    last: Any

    @property
    def points(self) -> str:
        """Where the points of the tag are asked for."""
        return points_path("scalars", self.run, self.tag)

    def complete(self, get: Get) -> bool:
        """Whether the answers hold the full run list and the last point."""
        if frozenset(get("/data/runs") or ()) != self.runs:
            return False
        points = get(self.points)
        return bool(points) and points[-1] == self.last


def two_runs(home: Path) -> Path:
    """Write 2 runs of 2 tags with 100 points each."""
    for run in ("train", "validation"):
        values = [1 / (step + 1) for step in range(100)]
        write_scalars(home / "small" / run, {"loss": values, "accuracy": values})
    return home


def million_points(home: Path) -> Path:
    """Write 50 runs of 20 tags with 1,000 points each."""
    values = [1 / (step + 1) for step in range(1000)]
    for run in range(50):
        tags = {f"tag-{tag:02}": values for tag in range(20)}
        write_scalars(home / "large" / f"run-{run:02}", tags)
    return home


def described(name: str, path: Path) -> Logdir:
    """Learn from a stock TensorBoard what a complete answer is."""
    with StockTensorBoard(path) as stock:
        runs = stock.settled_runs(quiet=3.0)
        scalars = stock.get("/data/plugin/scalars/tags")
        run = next(run for run in sorted(scalars) if scalars[run])
        tag = min(scalars[run])
        last = stock.get(points_path("scalars", run, tag))[-1]
    return Logdir(name, path, frozenset(runs), run, tag, last)


def getter(base: str, auth: tuple[str, str] | None = None) -> Get:
    """Return a function that gets JSON below `base`, or None while there is none."""

    def get(path: str) -> Any:
        try:
            answer = fetch(base + path, auth=auth)
        except OSError:
            return None
        return answer.json() if answer.status == 200 else None

    return get
