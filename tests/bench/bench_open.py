"""Opening boards, against stock `tensorboard` on the same logdirs.

Three tables: a sleeping board's first complete answer, wall and CPU; the memory of many boards;
and how soon an added experiment shows. What is compared takes turns in each round, so that a
machine that slows down slows both. Prints medians with their ratio and target; asserts nothing.

    python tests/bench/bench_open.py [--rounds N] [--boards N] [--corpus DIR] [--only TABLE]
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import psutil
from event_writer import write_scalars
from logdirs import CORPUS, Get, Logdir, described, getter, million_points, two_runs
from process_cost import cpu_seconds, pss_mebibytes, tree
from report import Row, note, show
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually, fetch
from stock_tensorboard import StockTensorBoard

ADMIN = ("admin", ADMIN_PASSWORD)
_SMALL = (1 / 10, 1 / 15)  # of stock's wall and CPU
_LARGE = (1.0, None)
_PSS = 1 / 3
_VISIBLE = 1200.0  # milliseconds
_PACE = 0.01  # seconds between two tries; the same for both, as each one costs CPU
_REQUESTS = 20
_COMPRESSED = 300.0  # seconds; it takes twenty of a core that nobody else uses
_ROOM = 200 * 2**20  # bytes that a stock TensorBoard may need


@dataclass(frozen=True)
class Cost:
    """Seconds: of waiting and of CPU until the answer was complete, and of one more request."""

    wall: float
    cpu: float
    request: float


def median(costs: list[Cost], part: str) -> float:
    """Return the median of one part, in milliseconds."""
    return 1000 * statistics.median(getattr(cost, part) for cost in costs)


# --- opening


def open_stock(logdir: Logdir) -> Cost:
    """Start a process, and wait for its complete answer."""
    begin = time.perf_counter()
    with StockTensorBoard(logdir.path) as stock:
        get = getter(stock.url)
        eventually(lambda: logdir.complete(get), what="stock is complete", every=_PACE)
        wall = time.perf_counter() - begin
        cpu = cpu_seconds(tree(stock.pid))
        return Cost(wall, cpu, time_request(get, logdir))


def open_board(gateway: RunningGateway, logdir: Logdir) -> Cost:
    """Wait until the board sleeps; ask it for everything."""
    assert gateway.process is not None
    eventually(lambda: asleep(gateway), what="the board sleeps")
    get = getter(f"{gateway.url}/boards/bench", ADMIN)
    before = cpu_seconds(tree(gateway.process.pid))
    begin = time.perf_counter()
    eventually(lambda: logdir.complete(get), what="the board is complete", every=_PACE)
    wall = time.perf_counter() - begin
    cpu = cpu_seconds(tree(gateway.process.pid)) - before
    return Cost(wall, cpu, time_request(get, logdir))


def asleep(gateway: RunningGateway) -> bool:
    """Whether the board is a record only: its processes are gone, too."""
    assert gateway.process is not None
    state = gateway.admin("/api/v1/boards/bench").json()["state"]
    return state == "sleeping" and len(tree(gateway.process.pid)) == len(("gateway", "forkserver"))


def time_request(get: Get, logdir: Logdir) -> float:
    """Return the median seconds of asking for the points of one tag, again and again."""
    seconds = []
    for _ in range(_REQUESTS):
        begin = time.perf_counter()
        get(logdir.points)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def opening(
    name: str, path: Path, rounds: int, home: Path, targets: tuple[float, float | None]
) -> list[Row]:
    """Open a board and a stock TensorBoard in turns."""
    logdir = described(name, path)
    stock, board = [], []
    environment = {"TBGATEWAY_BOARDS__IDLE_TIMEOUT": "0.5"}
    settle(home / name)
    with RunningGateway(home / name, [path], environment=environment) as gateway:
        create(gateway, "bench", all_experiments(gateway))
        open_board(gateway, logdir)  # the gateway's own first time
        for _ in range(rounds):
            board.append(open_board(gateway, logdir))
            stock.append(open_stock(logdir))
    wall, cpu = targets
    what = f"{name} ({len(logdir.runs)} runs)"
    return [
        Row(
            what=f"{what}: open, wall",
            ours=median(board, "wall"),
            reference=median(stock, "wall"),
            target=wall,
        ),
        Row(
            what=f"{what}: open, CPU",
            ours=median(board, "cpu"),
            reference=median(stock, "cpu"),
            target=cpu,
        ),
        Row(
            what=f"{what}: points of a tag",
            ours=median(board, "request"),
            reference=median(stock, "request"),
        ),
    ]


def all_openings(options: argparse.Namespace, home: Path) -> None:
    """Print the first table."""
    logdirs = {
        "2 runs": (two_runs(home / "small"), _SMALL),
        "1 million points": (million_points(home / "large"), _LARGE),
    }
    if options.corpus.is_dir():
        logdirs["corpus"] = (options.corpus, _SMALL)
    else:
        note(f"no corpus at {options.corpus}; left out")
    rows = []
    for name, (path, targets) in logdirs.items():
        rows += opening(name, path, options.rounds, home / "gateways", targets)
    show(f"A sleeping board against a stock start; medians of {options.rounds} rounds", rows)


# --- memory


def memory(options: argparse.Namespace, home: Path) -> None:
    """Print the second table: many boards, awake, each asked for a page and for points."""
    logdir = described("2 runs", two_runs(home / "small"))
    count = options.boards
    settle(home / "memory")
    with RunningGateway(home / "memory", [logdir.path]) as gateway:
        assert gateway.process is not None
        for number in range(count):
            create(gateway, f"board-{number}", all_experiments(gateway))
            look(f"{gateway.url}/boards/board-{number}", ADMIN, logdir)
        processes = tree(gateway.process.pid)
        ours = pss_mebibytes(processes) / count
        gateway_alone = pss_mebibytes(processes[:1])
    references = min(count, max(1, psutil.virtual_memory().available // _ROOM))
    with ExitStack() as stack:
        stocks = [stack.enter_context(StockTensorBoard(logdir.path)) for _ in range(references)]
        for stock in stocks:
            look(stock.url, None, logdir)
        theirs = pss_mebibytes(one for stock in stocks for one in tree(stock.pid)) / references
    show(
        f"PSS per board: all of a gateway with {count} boards / {count},"
        f" against {references} stock processes / {references}",
        [
            Row(what="per board", ours=ours, reference=theirs, unit="MiB", target=_PSS),
            Row(what="of which the gateway's own process", ours=gateway_alone / count, unit="MiB"),
        ],
    )


def look(base: str, auth: tuple[str, str] | None, logdir: Logdir) -> None:
    """Ask for the page and for points, like somebody who opens it."""
    assert fetch(f"{base}/", auth=auth).status == 200
    eventually(lambda: logdir.complete(getter(base, auth)), what="it is complete", every=_PACE)


# --- adding


def visibility(options: argparse.Namespace, home: Path) -> None:
    """Print the third table: how long after the request to add it an experiment shows."""
    root = home / "adding"
    for name in ("there", "added"):
        write_scalars(root / name, {"loss": [1.0, 0.5]})
    seconds = []
    with RunningGateway(home / "visible", [root]) as gateway:
        create(gateway, "bench", ["there"])
        for _ in range(options.rounds):
            eventually(lambda: gateway.runs("bench") == ["there"], what="only one is there")
            begin = time.perf_counter()
            gateway.admin("/api/v1/boards/bench/experiments", {"add": ["added"]}, method="POST")
            eventually(lambda: "added" in gateway.runs("bench"), what="it shows", every=0.01)
            seconds.append(time.perf_counter() - begin)
            gateway.admin("/api/v1/boards/bench/experiments", {"remove": ["added"]}, method="POST")
    show(
        f"Added → visible, {options.rounds} rounds",
        [
            Row(what="median", ours=1000 * statistics.median(seconds), target=_VISIBLE),
            Row(what="longest", ours=1000 * max(seconds), target=_VISIBLE),
        ],
    )


# --- boards


def settle(home: Path) -> None:
    """Put into a new gateway's home what gateways make only once: assets compressed with brotli.

    That takes twenty seconds of a core, which are not the price of opening a board.
    """
    made = home.parent / "settled"
    if not made.exists():
        nothing = home.parent / "nothing"
        nothing.mkdir(parents=True)
        with RunningGateway(made, [nothing]) as gateway:
            said = "web assets are compressed with brotli"
            eventually(lambda: said in gateway.log.read_text(), what=said, within=_COMPRESSED)
    shutil.copytree(made / "state" / "assets", home / "state" / "assets")


def all_experiments(gateway: RunningGateway) -> list[str]:
    """Return the names of everything that was found."""
    items = gateway.admin("/api/v1/experiments?limit=1000").json()["items"]
    return [one["name"] for one in items]


def create(gateway: RunningGateway, name: str, experiments: list[str]) -> None:
    """Make a board."""
    wanted = {"name": name, "experiments": experiments}
    answer = gateway.admin("/api/v1/boards", wanted, method="POST")
    assert answer.status == 201, answer


_TABLES = {"open": all_openings, "memory": memory, "visible": visibility}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--boards", type=int, default=50, help="for the memory")
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--only", choices=_TABLES, help="one table instead of all")
    options = parser.parse_args()
    for name, table in _TABLES.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
                table(options, Path(scratch))


if __name__ == "__main__":
    main()
