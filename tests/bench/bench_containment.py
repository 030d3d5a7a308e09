"""What the neighbours of a board feel while that board makes trouble.

A small request to a board that is well, on a kept connection, again and again: while all others
are idle, and while another board burns CPU in several threads, eats memory up to its limit again
and again, or crashes in a loop. Each is compared with the idle figure of the same run. Prints
figures; asserts nothing.

    python tests/bench/bench_containment.py [--seconds N] [--threads N] [--limit MIB]
"""

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

from event_writer import write_scalars
from report import Row, show
from running_gateway import ADMIN_PASSWORD, RunningGateway
from trouble_plugin import TROUBLE, install

_PATH = "/boards/well/data/environment"
_PAUSE = 0.005  # seconds between two requests: to measure, not to add load
_OK = 200
_ADMIN = ("admin", ADMIN_PASSWORD)
_HEADERS = {"Authorization": "Basic " + b64encode(":".join(_ADMIN).encode()).decode()}

Deed = Callable[[RunningGateway], None]


def latencies(gateway: RunningGateway, seconds: float) -> list[float]:
    """Ask the board that is well for so long; return what each request took, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=60)
    taken = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        connection.request("GET", _PATH, headers=_HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != _OK:
            raise SystemExit(f"the board that is well answered {answer.status}")
        taken.append((time.perf_counter() - begun) * 1000)
        time.sleep(_PAUSE)
    connection.close()
    return taken


def trouble(gateway: RunningGateway, what: str) -> None:
    """Have the other board do it, and start it again if it failed of it before."""
    with suppress(OSError, http.client.HTTPException):  # nobody need answer
        answer = gateway.get(f"/boards/bad/{TROUBLE}/{what}", _ADMIN, timeout=5)
        if answer.status != _OK:
            gateway.admin("/api/v1/boards/bad/start", method="POST", timeout=5)


@contextmanager
def going_on(gateway: RunningGateway, what: str, threads: int) -> Iterator[None]:
    """Have the other board do it in so many threads at a time, inside the block."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.02):
            trouble(gateway, what)

    doing = [threading.Thread(target=go_on, daemon=True) for _ in range(threads)]
    for one in doing:
        one.start()
    time.sleep(2)  # it is in the middle of it
    yield
    over.set()
    for one in doing:
        one.join()
    gateway.cli("board", "stop", "bad", status=None)
    gateway.cli("board", "start", "bad", "--wait", status=None)


def rows(what: str, taken: list[float], idle: list[float]) -> Iterator[Row]:
    """Yield the median and the 99th percentile, against the idle ones."""
    for name, place in (("p50", 49), ("p99", 98)):
        ours, reference = (statistics.quantiles(one, n=100)[place] for one in (taken, idle))
        yield Row(what=f"{what}, {name}", ours=ours, reference=reference)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=2 * (os.cpu_count() or 1))
    parser.add_argument("--limit", type=int, default=384)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        write_scalars(home / "runs" / "first", {"loss": [1.0, 0.5]})
        environment = install(home / "plugins") | {
            "TBGATEWAY_BOARDS__BOARD_MEMORY": f"{options.limit} MiB"
        }
        with RunningGateway(home, [home / "runs"], environment=environment) as gateway:
            for name in ("well", "bad"):
                gateway.cli("board", "create", name, "-e", "first", "--wait")
            idle = latencies(gateway, options.seconds)
            found = []
            for what, threads in (("spin", options.threads), ("eat", 1), ("crash", 1)):
                with going_on(gateway, what, threads):
                    found += rows(what, latencies(gateway, options.seconds), idle)
            found += rows("idle again", latencies(gateway, options.seconds), idle)
    show("A small request to a board while another one makes trouble; reference: idle", found)


if __name__ == "__main__":
    main()
