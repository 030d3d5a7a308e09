"""What the gateway costs in front of boards, against no proxy and against nginx, in one run.

Three tables: a trivial upstream, where the proxy is all that is measured; a real TensorBoard's
run list; and page loads of a real Chromium. What is compared takes turns in each round. Prints
medians with their ratio and target; asserts nothing.

    python tests/bench/bench_gateway.py [--rounds N] [--requests N] [--only TABLE]
"""

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import fast_gateway
import nginx_reference
import psutil
from browser import chromium
from http_load import Target, seconds_each
from logdirs import CORPUS, two_runs
from page_loads import Load, load
from process_cost import cpu_seconds, tree
from process_tree import unix_sockets
from report import Row, note, show
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually, fetch
from stock_tensorboard import StockTensorBoard
from wire_meter import WireMeter

ADMIN = ("admin", ADMIN_PASSWORD)
NGINX = (nginx_reference.USER, nginx_reference.PASSWORD)
_OF_NGINX = 0.2
_OF_DIRECT = 0.9
_COLD, _SECOND, _REPEAT = 1900.0, 60.0, 15.0  # kB
_AT_ONCE = 4


# --- a trivial upstream


def fast(options: argparse.Namespace, home: Path) -> None:
    """Print the first table."""
    if nginx_reference.program() is None:
        note("no nginx; a trivial upstream left out")
        return
    with ExitStack() as stack:
        upstream = stack.enter_context(nginx_reference.fast_upstream(home / "u")).address
        open_nginx = stack.enter_context(nginx_reference.proxy(home / "p", upstream))
        closed_nginx = stack.enter_context(
            nginx_reference.proxy(home / "q", upstream, with_password=True)
        )
        gateway, pid = stack.enter_context(fast_board(home / "g", upstream))
        proxies = {
            "gateway": (gateway, tree(pid)),
            "nginx": (Target(open_nginx.address, "/x"), tree(open_nginx.pid)),
            "nginx, password": (Target(closed_nginx.address, "/x", NGINX), tree(closed_nginx.pid)),
        }
        wall, cpu = load_in_turns(proxies, options)
    rows = [
        Row(
            what=f"requests per second / {other}",
            ours=1 / wall["gateway"],
            reference=1 / wall[other],
            unit="/s",
            target=_OF_NGINX,
            least=True,
        )
        for other in ("nginx", "nginx, password")
    ]
    rows += [
        Row(
            what=f"CPU per request / {other}",
            ours=cpu["gateway"] * 1e6,
            reference=cpu[other] * 1e6,
            unit="µs",
        )
        for other in ("nginx", "nginx, password")
    ]
    show(f"A small GET, trivial upstream, keep-alive, {_AT_ONCE} at a time; with a log line", rows)


@contextmanager
def fast_board(home: Path, upstream: Path) -> Iterator[tuple[Target, int]]:
    """Run a gateway whose board is at `upstream`; yield what to ask, and its pid."""
    home.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as listener, (home / "log").open("wb") as log:
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, fast_gateway.__file__, f"{home}", f"{upstream}", f"{descriptor}"],
            pass_fds=[descriptor],
            stderr=log,
        )
        try:
            address = listener.getsockname()
            create_board(f"http://127.0.0.1:{address[1]}", fast_gateway.BOARD, [])
            yield (
                Target(address, f"/boards/{fast_gateway.BOARD}/x", fast_gateway.ADMIN),
                process.pid,
            )
        finally:
            process.terminate()
            process.wait()


def load_in_turns(
    proxies: Mapping[str, tuple[Target, list[psutil.Process]]], options: argparse.Namespace
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the median seconds per request, of waiting and of the proxies' CPU."""
    wall: dict[str, list[float]] = {name: [] for name in proxies}
    cpu: dict[str, list[float]] = {name: [] for name in proxies}
    for target, _ in proxies.values():
        seconds_each(target, options.requests // 10, _AT_ONCE)
    for _ in range(options.rounds):
        for name, (target, processes) in proxies.items():
            before = cpu_seconds(processes)
            wall[name].append(seconds_each(target, options.requests, _AT_ONCE))
            cpu[name].append((cpu_seconds(processes) - before) / options.requests)
    return medians(wall), medians(cpu)


# --- a real TensorBoard


def real(options: argparse.Namespace, home: Path) -> None:
    """Print the second table: the same board process, asked in three ways."""
    logdir = CORPUS if CORPUS.is_dir() else two_runs(home / "runs")
    open_doors = {"PYTHONPATH": f"{Path(__file__).parent / 'open_doors'}"}
    with (
        RunningGateway(home / "r", [logdir], environment=open_doors) as gateway,
        ExitStack() as stack,
    ):
        items = gateway.admin("/api/v1/experiments?limit=1000").json()["items"]
        create_board(gateway.url, "bench", [one["name"] for one in items])
        runs = gateway.runs("bench")
        board = board_socket(gateway)
        ways = {
            "gateway": Target(("127.0.0.1", gateway.port), "/boards/bench/data/runs", ADMIN),
            "direct": Target(board, "/data/runs"),
        }
        if nginx_reference.program() is not None:
            nginx = stack.enter_context(nginx_reference.proxy(home / "n", board))
            ways["nginx"] = Target(nginx.address, "/data/runs")
        rows = [row for at_once in (1, _AT_ONCE) for row in asked(ways, at_once, options)]
    show(f"data/runs of a real board with {len(runs)} runs; requests per second", rows)


def asked(ways: Mapping[str, Target], at_once: int, options: argparse.Namespace) -> list[Row]:
    """Ask in turns; return a row for the gateway and one for nginx."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    requests = max(options.requests // 10, at_once)
    for _ in range(options.rounds):
        for name, target in ways.items():
            seconds[name].append(seconds_each(target, requests, at_once))
    each = medians(seconds)
    return [
        Row(
            what=f"{at_once} at a time: {name} / direct",
            ours=1 / each[name],
            reference=1 / each["direct"],
            unit="/s",
            target=_OF_DIRECT if name == "gateway" else None,
            least=True,
        )
        for name in ways
        if name != "direct"
    ]


def board_socket(gateway: RunningGateway) -> Path:
    """Return where the only board listens."""
    (found,) = {one for one in unix_sockets(gateway.home / "run").values() if "/tb" in one}
    return Path(found)


# --- pages


def pages(options: argparse.Namespace, home: Path) -> None:
    """Print the third table."""
    logdir = two_runs(home / "runs")
    kinds = ("cold", "second", "repeat", "stock")
    loads: dict[str, list[Load]] = {kind: [] for kind in kinds}
    with RunningGateway(home / "p", [logdir]) as gateway, StockTensorBoard(logdir) as stock:
        for name in ("one", "two"):
            create_board(gateway.url, name, ["small"], access="public")
            eventually(lambda name=name: gateway.runs(name), what="the board is awake")
        wait_for_brotli(gateway)
        with (
            WireMeter(gateway.port) as ours,
            WireMeter(int(stock.url.rpartition(":")[2])) as theirs,
        ):
            for _ in range(options.rounds):
                for kind, one in visits(ours, theirs).items():
                    loads[kind].append(one)
    show(
        f"Page loads of Chromium, awake boards; medians of {options.rounds} rounds"
        f" ({len(loads['cold'][0].requests)} requests, stock {len(loads['stock'][0].requests)})",
        page_rows(loads),
    )
    failed = [why for one in loads.values() for each in one for why in each.failed]
    if failed:
        note(f"{len(failed)} requests failed: {sorted(set(failed))}")


def wait_for_brotli(gateway: RunningGateway) -> None:
    """Wait until the largest file is compressed as well as it will be: half a minute of CPU."""
    page = fetch(f"{gateway.url}/boards/one/").body.decode()
    script = re.findall(r"assets/[0-9a-f]+/index\.js", page)[0]

    def is_there() -> bool:
        answer = fetch(f"{gateway.url}/{script}", headers={"Accept-Encoding": "br"})
        return answer.headers["Content-Encoding"] == "br"

    eventually(is_there, what="index.js is compressed with brotli", within=180)


def visits(gateway: WireMeter, stock: WireMeter) -> dict[str, Load]:
    """Visit with an empty cache, then another board, then the first one again; and stock."""
    with chromium() as browser:
        context, other = browser.new_context(), browser.new_context()
        return {
            "cold": load(context, gateway, "/boards/one/"),
            "stock": load(other, stock),
            "second": load(context, gateway, "/boards/two/"),
            "repeat": load(context, gateway, "/boards/one/"),
        }


def page_rows(loads: Mapping[str, list[Load]]) -> list[Row]:
    """Return bytes against their targets, and the cold page's time against stock's."""
    kilobytes = {
        kind: statistics.median(one.bytes for one in all_of) / 1000
        for kind, all_of in loads.items()
    }
    seconds = {
        kind: statistics.median(one.seconds for one in all_of) for kind, all_of in loads.items()
    }
    return [
        Row(what="cold first page", ours=kilobytes["cold"], unit="kB", target=_COLD),
        Row(what="stock's", ours=kilobytes["stock"], unit="kB"),
        Row(
            what="cold first page, time",
            ours=seconds["cold"] * 1000,
            reference=seconds["stock"] * 1000,
            target=1.0,
        ),
        Row(what="second board, warm", ours=kilobytes["second"], unit="kB", target=_SECOND),
        Row(what="repeat visit", ours=kilobytes["repeat"], unit="kB", target=_REPEAT),
    ]


# --- all of them


def create_board(url: str, name: str, experiments: list[str], **more: str) -> None:
    """Make a board, as soon as the gateway is ready."""
    eventually(lambda: ready(url), what=f"{url} is ready")
    wanted = {"name": name, "experiments": experiments, **({"access": "members"} | more)}
    answer = fetch(
        f"{url}/api/v1/boards",
        auth=ADMIN,
        method="POST",
        body=json.dumps(wanted).encode(),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status == 201, answer


def ready(url: str) -> bool:
    """Whether a gateway says so."""
    try:
        return fetch(f"{url}/readyz", timeout=2).status == 200
    except OSError:
        return False


def medians(figures: Mapping[str, list[float]]) -> dict[str, float]:
    """Return the median of each."""
    return {name: statistics.median(values) for name, values in figures.items()}


_TABLES: Mapping[str, Callable[[argparse.Namespace, Path], None]] = {
    "fast": fast,
    "real": real,
    "pages": pages,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--requests", type=int, default=2000, help="per round; a tenth where real")
    parser.add_argument("--only", choices=_TABLES, help="one table instead of all")
    options = parser.parse_args()
    for name, table in _TABLES.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as scratch:
                table(options, Path(scratch))


if __name__ == "__main__":
    main()
