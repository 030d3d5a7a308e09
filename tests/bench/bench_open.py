"""Open a sleeping board, against a stock `tensorboard` start on the same logdir.

Both are timed from the first move (a request; starting the process) until the full run list and
the last point of one tag have been answered, one after the other in each round, so that a machine
that slows down slows both. Prints medians in milliseconds and the ratio; asserts nothing.

    python tests/bench/bench_open.py [--rounds N] [--corpus DIR]
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import psutil
from event_writer import write_scalars
from process_tree import descendants
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually, fetch
from stock_tensorboard import StockTensorBoard, points_path

ADMIN = ("admin", ADMIN_PASSWORD)
GOAL = 0.2
_REQUESTS = 20


@dataclass(frozen=True)
class Logdir:
    """A directory of experiments, what TensorBoard lists of it, and one tag in it."""

    name: str
    path: Path
    runs: frozenset[str]
    run: str
    tag: str
    last: Any


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


def complete(get: Callable[[str], Any], logdir: Logdir) -> bool:
    """Whether the answers hold everything."""
    if frozenset(get("/data/runs") or ()) != logdir.runs:
        return False
    points = get(points_path("scalars", logdir.run, logdir.tag))
    return bool(points) and points[-1] == logdir.last


def getter(base: str, auth: tuple[str, str] | None) -> Callable[[str], Any]:
    """Return a function that gets JSON below `base`, or None while there is none."""

    def get(path: str) -> Any:
        try:
            answer = fetch(base + path, auth=auth)
        except OSError:
            return None
        return answer.json() if answer.status == 200 else None

    return get


def time_stock(logdir: Logdir) -> tuple[float, float]:
    """Return the seconds from starting the process to a complete answer, and of one more."""
    begin = time.perf_counter()
    with StockTensorBoard(logdir.path) as stock:
        get = getter(stock.url, None)
        eventually(lambda: complete(get, logdir), what="stock is complete", every=0.005)
        return time.perf_counter() - begin, time_request(get, logdir)


def time_request(get: Callable[[str], Any], logdir: Logdir) -> float:
    """Return the median seconds of asking for the points of one tag, again and again."""
    seconds = []
    for _ in range(_REQUESTS):
        begin = time.perf_counter()
        get(points_path("scalars", logdir.run, logdir.tag))
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def time_board(gateway: RunningGateway, logdir: Logdir) -> tuple[float, float]:
    """Return the seconds from a sleeping board's first request to all, and those of one more."""

    def asleep() -> bool:
        return bool(gateway.admin("/api/v1/boards/bench").json()["state"] == "sleeping")

    eventually(asleep, what="the board sleeps")
    get = getter(f"{gateway.url}/boards/bench", ADMIN)
    begin = time.perf_counter()
    eventually(lambda: complete(get, logdir), what="the board is complete", every=0.005)
    return time.perf_counter() - begin, time_request(get, logdir)


def proportional_memory(gateway: RunningGateway) -> tuple[float, float]:
    """Return MiB of PSS: of the board with its data server, and of the gateway's own two."""
    assert gateway.process is not None
    own = psutil.Process(gateway.process.pid)
    forkserver = own.children()
    shared = [own, *forkserver]
    board = [one for one in descendants(gateway) if one not in forkserver]
    return _pss(board), _pss(shared)


def _pss(processes: list[psutil.Process]) -> float:
    return sum(one.memory_full_info().pss for one in processes) / 2**20


def measure(name: str, path: Path, rounds: int, home: Path) -> dict[str, Any]:
    """Interleave both on one logdir and return the figures."""
    logdir = described(name, path)
    environment = {"TBGATEWAY_BOARDS__IDLE_TIMEOUT": "0.5"}
    stock, board = [], []
    with RunningGateway(home / name, [path], environment=environment) as gateway:
        experiments = gateway.admin("/api/v1/experiments?limit=1000").json()["items"]
        words = [word for one in experiments for word in ("-e", one["name"])]
        gateway.cli("board", "create", "bench", *words)
        time_board(gateway, logdir)
        memory = proportional_memory(gateway)
        for _ in range(rounds):
            board.append(time_board(gateway, logdir))
            stock.append(time_stock(logdir))
    ours, our_request = map(statistics.median, zip(*board, strict=True))
    theirs, their_request = map(statistics.median, zip(*stock, strict=True))
    return {
        "logdir": name,
        "runs": len(logdir.runs),
        "rounds": rounds,
        "board_ms": round(ours * 1000),
        "stock_ms": round(theirs * 1000),
        "ratio": round(ours / theirs, 3),
        "board_request_ms": round(our_request * 1000, 1),
        "stock_request_ms": round(their_request * 1000, 1),
        "request_ratio": round(our_request / their_request, 3),
        "board_pss_mib": round(memory[0], 1),
        "gateway_pss_mib": round(memory[1], 1),
    }


def main() -> None:
    """Measure all logdirs and print a line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    default = Path(__file__).parents[3] / "shared" / "corpus"
    parser.add_argument("--corpus", type=Path, default=default)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-open-") as scratch:
        home = Path(scratch)
        logdirs = {"2-runs": two_runs(home / "a"), "million": million_points(home / "b")}
        if options.corpus.is_dir():
            logdirs["corpus"] = options.corpus
        else:
            print(f"note: no corpus at {options.corpus}; left out")  # noqa: T201 - a report
        for name, path in logdirs.items():
            print(json.dumps(measure(name, path, options.rounds, home / "gateways")))  # noqa: T201 - a report
    print(f"goal: ratio <= {GOAL} on the small ones")  # noqa: T201 - a report


if __name__ == "__main__":
    main()
