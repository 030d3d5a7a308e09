"""Hundreds of boards on one machine: their memory, their idle CPU, and how soon they wake.

Three tables: many boards that run, among more that are only registered; waking, against stock
`tensorboard` on the same files, in turns; and what registered boards cost the gateway itself.
Prints figures with their targets; asserts nothing.

    python tests/bench/bench_fleet.py [--registered N] [--running N] [--many N] [--logdirs N]
                                      [--steps N] [--wakes N] [--burst N] [--only TABLE]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from event_writer import write_scalars
from logdirs import Logdir, described, getter
from process_cost import cpu_seconds, pss_mebibytes, tree
from report import Row, note, show
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from stock_tensorboard import StockTensorBoard

ADMIN = ("admin", ADMIN_PASSWORD)
_RUNS, _TAGS = 20, 10  # of each logdir
_FLEET = 2.5e9 / 2**20  # MiB
_IDLE = 10.0  # percent of a core
_GATEWAY = 100.0  # MiB
_LIST = 300.0  # ms
_P50, _P99 = 1 / 8, 1 / 2  # of a stock start
_SETTLES = 30.0  # seconds until what a start sets off is over
_LETS_GO = 75.0  # seconds; longer than boards.release_data_after, and for whatever that sets off
_PACE = 0.01  # seconds between two tries; the same for both
_LISTS = 9


# --- many boards that run


def fleet(options: argparse.Namespace, home: Path) -> None:
    """Print the first table."""
    logdirs = write_logdirs(home, options)
    with RunningGateway(home / "g", [home / "fleet"]) as gateway:
        assert gateway.process is not None
        register(gateway, options.registered, logdirs)
        running = [f"board-{number:05}" for number in range(options.running)]
        for number, name in enumerate(running):
            wake(gateway, name, logdirs[number % len(logdirs)])
        full = pss_mebibytes(tree(gateway.process.pid))
        time.sleep(max(options.settle, _LETS_GO))
        processes = tree(gateway.process.pid)
        before, begin = cpu_seconds(processes), time.monotonic()
        time.sleep(options.idle)
        idle = 100 * (cpu_seconds(processes) - before) / (time.monotonic() - begin)
        own, total = pss_mebibytes(processes[:1]), pss_mebibytes(processes)
        states = [board["state"] for board in all_boards(gateway)]
        again = [
            wake(gateway, name, logdirs[number % len(logdirs)])
            for number, name in enumerate(running)
        ]
        rows = [
            Row(
                what=f"PSS of all {len(processes)} processes",
                ours=total,
                unit="MiB",
                target=_FLEET,
            ),
            Row(what="of which the gateway's own", ours=own, unit="MiB"),
            Row(what="the same at once after the last was opened", ours=full, unit="MiB"),
            Row(what="CPU while nobody looks, of a core", ours=idle, unit="%", target=_IDLE),
            Row(what="all data of one again, median", ours=1000 * statistics.median(again)),
        ]
    title = f"{len(states)} boards, {states.count('running')} running, {len(logdirs)} logdirs"
    show(f"{title} of {_RUNS} runs x {_TAGS} tags x {options.steps} steps", rows)


# --- waking


def waking(options: argparse.Namespace, home: Path) -> None:
    """Print the second table: sleeping boards woken one by one, then many at once."""
    logdirs = write_logdirs(home, options)
    woken, stock = [], []
    count = max(options.burst, len(logdirs))
    environment = {"TBGATEWAY_BOARDS__IDLE_TIMEOUT": "1"}
    with RunningGateway(home / "g", [home / "fleet"], environment=environment) as gateway:
        register(gateway, count, logdirs)
        wake(gateway, "board-00000", logdirs[0])  # the gateway's own first time
        time.sleep(options.settle)
        for number in range(options.wakes):
            name = f"board-{number % len(logdirs):05}"
            wait_until_asleep(gateway, name)
            woken.append(wake(gateway, name, logdirs[number % len(logdirs)]))
            if number % 2 == 0:
                stock.append(start_stock(home / "reference", logdirs[0]))
        names = [f"board-{number:05}" for number in range(options.burst)]
        for name in names:
            wait_until_asleep(gateway, name)
        answered, longest = burst(gateway, names)
    start = 1000 * statistics.median(stock)
    p50, p99 = 1000 * statistics.median(woken), 1000 * percentile(woken, 0.99)
    title = f"From sleep to all data, {len(woken)} wakes against {len(stock)} starts of stock"
    rows = [
        Row(what="p50 / stock's median", ours=p50, reference=start, target=_P50),
        Row(what="p99 / stock's median", ours=p99, reference=start, target=_P99),
        Row(
            what=f"answered of {options.burst} wakes at once",
            ours=answered,
            unit="",
            target=options.burst,
            least=True,
        ),
        Row(what="the last of them after", ours=1000 * longest),
    ]
    show(title, rows)


def start_stock(path: Path, logdir: Logdir) -> float:
    """Return the seconds until a new process has read everything."""
    begin = time.perf_counter()
    with StockTensorBoard(path) as stock:
        get = getter(stock.url)
        eventually(lambda: logdir.complete(get), what="stock is complete", every=_PACE)
        return time.perf_counter() - begin


def wait_until_asleep(gateway: RunningGateway, name: str) -> None:
    """Wait until the board is a record only."""
    path = f"/api/v1/boards/{name}"
    eventually(lambda: gateway.admin(path).json()["state"] == "sleeping", what="it sleeps")


def burst(gateway: RunningGateway, names: list[str]) -> tuple[int, float]:
    """Visit all at once; return how many answered, and after how many seconds the last one."""

    def visit(name: str) -> bool:
        return gateway.get(f"/boards/{name}/data/runs", ADMIN, timeout=120).status == 200

    begin = time.perf_counter()
    with ThreadPoolExecutor(len(names)) as visitors:
        answered = sum(visitors.map(visit, names))
    return answered, time.perf_counter() - begin


def percentile(values: list[float], part: float) -> float:
    """Return the value that so large a part of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


# --- registered ones


def registered(options: argparse.Namespace, home: Path) -> None:
    """Print the third table."""
    logdirs = write_logdirs(home, argparse.Namespace(logdirs=1, steps=1))
    with RunningGateway(home / "g", [home / "fleet"]) as gateway:
        assert gateway.process is not None
        register(gateway, options.many, logdirs)
        time.sleep(options.settle)
        page, whole = [], []
        for _ in range(_LISTS):
            begin = time.perf_counter()
            answer = gateway.admin("/api/v1/boards?limit=1000")
            page.append(time.perf_counter() - begin)
            assert answer.status == 200, answer
            begin = time.perf_counter()
            count = len(all_boards(gateway))
            whole.append(time.perf_counter() - begin)
        gateway.stop()
        gateway.start()
        time.sleep(options.settle)
        own = pss_mebibytes(tree(gateway.process.pid)[:1])
    rows = [
        Row(what="PSS of the gateway, started anew", ours=own, unit="MiB", target=_GATEWAY),
        Row(what="a page of 1000 boards", ours=1000 * statistics.median(page)),
        Row(what="the whole list", ours=1000 * statistics.median(whole), target=_LIST),
    ]
    show(f"{count} boards that are only registered", rows)


# --- what all of them need


def write_logdirs(home: Path, options: argparse.Namespace) -> list[Logdir]:
    """Write logdirs of the same content below `fleet`, and one for stock below `reference`."""
    original = home / "reference" / "set-00"
    values = [1 / (step + 1) for step in range(options.steps)]
    for run in range(_RUNS):
        tags = {f"tag-{tag}": values for tag in range(_TAGS)}
        write_scalars(original / f"run-{run:02}", tags)
    names = [f"set-{number:02}" for number in range(options.logdirs)]
    for name in names:
        shutil.copytree(original, home / "fleet" / name)
    first = described("set-00", home / "reference")
    return [_renamed(first, name) for name in names]


def _renamed(logdir: Logdir, name: str) -> Logdir:
    runs = frozenset(run.replace(logdir.name, name, 1) for run in logdir.runs)
    return replace(logdir, name=name, runs=runs, run=logdir.run.replace(logdir.name, name, 1))


def register(gateway: RunningGateway, count: int, logdirs: list[Logdir]) -> None:
    """Make boards, each with the next of the logdirs."""
    for number in range(count):
        experiments = [logdirs[number % len(logdirs)].name]
        wanted = {"name": f"board-{number:05}", "experiments": experiments}
        eventually(lambda wanted=wanted: made(gateway, wanted), what=f"{wanted} is made")


def made(gateway: RunningGateway, wanted: Mapping[str, object]) -> bool:
    """Whether the board could be made: not before its experiments are found."""
    return gateway.admin("/api/v1/boards", wanted, method="POST").status == 201


def wake(gateway: RunningGateway, name: str, logdir: Logdir) -> float:
    """Return the seconds until the board has answered everything."""
    get = getter(f"{gateway.url}/boards/{name}", ADMIN)
    begin = time.perf_counter()
    eventually(lambda: logdir.complete(get), what=f"{name} is complete", every=_PACE)
    return time.perf_counter() - begin


def all_boards(gateway: RunningGateway) -> list[dict[str, object]]:
    """Return the whole list, page by page."""
    found, cursor = [], ""
    while True:
        page = gateway.admin(f"/api/v1/boards?limit=1000{cursor}").json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


_TABLES: Mapping[str, Callable[[argparse.Namespace, Path], None]] = {
    "fleet": fleet,
    "waking": waking,
    "registered": registered,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--registered", type=int, default=1000)
    parser.add_argument("--running", type=int, default=100)
    parser.add_argument("--many", type=int, default=10_000, help="registered, for the third table")
    parser.add_argument("--logdirs", type=int, default=20)
    parser.add_argument("--steps", type=int, default=1000, help="of each tag")
    parser.add_argument("--wakes", type=int, default=100)
    parser.add_argument("--burst", type=int, default=50)
    parser.add_argument("--settle", type=float, default=_SETTLES, help="seconds before measuring")
    parser.add_argument("--idle", type=float, default=30.0, help="seconds of measuring idle CPU")
    parser.add_argument("--only", choices=_TABLES, help="one table instead of all")
    options = parser.parse_args()
    if options.running > options.registered:
        note("no more can run than are registered")
        options.running = options.registered
    for name, table in _TABLES.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="fleet-") as scratch:
                table(options, Path(scratch))


if __name__ == "__main__":
    main()
