"""What it costs to read all scalars of a logdir once, and what of it the gateway pays itself.

The reference is a stock TensorBoard with its data server on the same logdir, from its start until
its list of runs does not change any more and the last point of one tag is there.

    python tests/bench/bench_scalars.py [--rounds N] [--corpus DIR] [--only TABLE]
"""

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import psutil
from event_writer import write_scalars
from logdirs import CORPUS, Logdir, described, getter, million_points
from process_cost import cpu_seconds, tree
from report import Row, note, show
from running_gateway import eventually
from stock_tensorboard import StockTensorBoard

from tbgateway.discovery import Root, Scanner
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import new_experiment_id
from tbgateway.gateway.scalar_reading import make_scalars

_DEPTH = 6
_PACE = 0.05  # seconds
_LARGEST_MEMORY = 45.0  # MiB


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the reader and of the process that asks; MiB of the reader; its turns."""

    reader: float
    gateway: float
    memory: float
    turns: int


def found_below(root: Path) -> list[Experiment]:
    """Return the experiments of a logdir root."""
    report = Scanner({"runs": Root(root)}, _DEPTH).scan(())
    return [
        Experiment(
            id=new_experiment_id(),
            root="runs",
            name=found.name,
            path=found.path,
            bytes=found.measurement.bytes,
            last_event_at=found.measurement.last_event_at,
            created_at=0.0,
        )
        for found in report.found
    ]


async def read_once(root: Path) -> Cost:
    """Ask for every experiment at once, and wait until all are read."""
    root = Path(os.path.realpath(root))
    experiments = found_below(root)
    scalars = make_scalars({"runs": Root(root)}, _DEPTH, lambda _: None)
    async with asyncio.TaskGroup() as group:
        job = group.create_task(scalars.run())
        own = time.process_time()
        for experiment in experiments:
            scalars.digest(experiment)
        while scalars.waiting:
            await asyncio.sleep(_PACE)
        own = time.process_time() - own
        (pid,) = scalars.reader.pids()
        reader = psutil.Process(pid)
        cost = Cost(
            reader=cpu_seconds([reader]),
            gateway=own,
            memory=reader.memory_info().rss / 2**20,
            turns=scalars.reader.turns,
        )
        job.cancel()
    await scalars.close()
    return cost


def read_by_stock(logdir: Logdir) -> float:
    """Return the CPU seconds of a stock TensorBoard that reads everything."""
    with StockTensorBoard(logdir.path) as stock:
        get = getter(stock.url)
        eventually(lambda: logdir.complete(get), what="stock is complete", every=_PACE)
        return cpu_seconds(tree(stock.pid))


def table(name: str, path: Path, rounds: int) -> None:
    """Measure one logdir, in turns with the reference."""
    logdir = described(name, path)
    costs, stock = [], []
    for _ in range(rounds):
        costs.append(asyncio.run(read_once(path)))
        stock.append(read_by_stock(logdir))
    reader = statistics.median(cost.reader for cost in costs)
    gateway = statistics.median(cost.gateway for cost in costs)
    memory = max(cost.memory for cost in costs)
    reference = 1000 * statistics.median(stock)
    show(
        f"{name}: all scalars once ({costs[-1].turns} turns)",
        [
            Row(what="CPU of the reader / stock", ours=1000 * reader, reference=reference),
            Row(what="CPU of the gateway / stock", ours=1000 * gateway, reference=reference),
            Row(what="memory of the reader", ours=memory, unit="MiB", target=_LARGEST_MEMORY),
        ],
    )


def one_file(home: Path) -> Path:
    """Write one tag with a million points."""
    write_scalars(home / "one", {"loss": [1 / (step + 1) for step in range(1_000_000)]})
    return home


def corpus(_: Path, directory: Path) -> Path | None:
    """Return the real experiments, if there are any."""
    if directory.is_dir():
        return directory
    note(f"{directory} is not there: the real experiments are left out")
    return None


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--only", choices=["corpus", "runs", "file"])
    options = parser.parse_args()
    makers = {
        "corpus": ("real experiments", lambda home: corpus(home, options.corpus)),
        "runs": ("50 runs of 20 tags with 1,000 points", million_points),
        "file": ("one tag with 1,000,000 points", one_file),
    }
    for key, (name, make) in makers.items():
        if options.only not in {None, key}:
            continue
        home = Path(tempfile.mkdtemp(prefix="bench-scalars-"))
        try:
            path = make(home)
            if path is not None:
                table(name, path, options.rounds)
        finally:
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
