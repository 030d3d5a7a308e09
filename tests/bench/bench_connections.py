"""What connections cost the gateway: idle ones, ones that drip, and ones that read slowly.

A trivial upstream stands for all boards; memory is the PSS of the gateway's process. Requests on
new connections are compared with those of the same run before there were idle ones. Prints
figures with their targets; asserts nothing.

    python tests/bench/bench_connections.py [--idle N] [--requests N] [--rounds N] [--seconds N]
"""

import argparse
import os
import resource
import select
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import psutil
from bench_gateway import fast_board
from http_load import Line, Target
from process_cost import cpu_seconds, pss_mebibytes
from report import Row, note, show

_LARGE = 100_000_000  # bytes of an answer
_PACE = 10_000  # bytes a second
_READERS = 20
_DRIPPERS = 50
_KEPT = 900  # seconds that an idle connection stays open: longer than all this takes
_OTHER_DESCRIPTORS = 256
_AT_REST_AFTER = 10  # seconds; by then the gateway has forgotten what was asked
_AT_REST = 0.1  # seconds of CPU within two

_PER_IDLE = 10.0  # kB
_PER_READER = 1000.0  # kB
_WITH_IDLE = 1.2
_CUT_AFTER = 11.0  # seconds: the setting's ten, and one for a drop on its way


class _Board(BaseHTTPRequestHandler):
    """Answers with two bytes, or with many."""

    def do_GET(self) -> None:
        length = _LARGE if self.path.startswith("/large") else 2
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        piece = b"x" * min(length, 1 << 18)
        try:
            while length > 0:
                self.wfile.write(piece[:length])
                length -= len(piece)
        except ConnectionError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
        """Say nothing."""

    def address_string(self) -> str:
        """Return what stands for the client, who has no address."""
        return "gateway"


class _Upstream(ThreadingMixIn, UnixStreamServer):
    """A thread for each request."""

    daemon_threads = True
    request_queue_size = 128


@contextmanager
def upstream(path: Path) -> Iterator[Path]:
    """Serve trivial answers on a unix socket."""
    with _Upstream(str(path), _Board) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield path
        finally:
            server.shutdown()
            serving.join()


def settle(gateway: psutil.Process, within: float = 180.0) -> None:
    """Wait until the gateway has compressed its web files: that takes memory, too."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        before = cpu_seconds([gateway])
        time.sleep(2)
        if cpu_seconds([gateway]) - before < _AT_REST:
            return
    note("the gateway did not come to rest")


# --- idle ones


def idle(target: Target, gateway: psutil.Process, options: argparse.Namespace) -> list[Row]:
    """Ask on new connections without and with idle ones beside."""
    fresh(target, options.requests)
    without = [fresh(target, options.requests) for _ in range(options.rounds)]
    before = pss_mebibytes([gateway])
    with ExitStack() as stack:
        lines = [kept(target, stack) for _ in range(options.idle)]
        time.sleep(_AT_REST_AFTER)
        each = (pss_mebibytes([gateway]) - before) * 2**20 / 1000 / len(lines)
        beside = [fresh(target, options.requests) for _ in range(options.rounds)]
        note(f"{sum(not is_closed(line) for line in lines)} of {len(lines)} are still open")
    return [
        Row(what="an idle connection, memory", ours=each, unit="kB", target=_PER_IDLE),
        Row(
            what=f"a request on a new connection beside {options.idle:,} idle ones",
            ours=statistics.median(beside) * 1000,
            reference=statistics.median(without) * 1000,
            target=_WITH_IDLE,
        ),
    ]


def fresh(target: Target, requests: int) -> float:
    """Return the median seconds of a request on a connection of its own."""
    return statistics.median(once(target) for _ in range(requests))


def once(target: Target) -> float:
    """Return the seconds of one."""
    began = time.perf_counter()
    line = Line(target)
    line.ask()
    line.answered()
    line.close()
    return time.perf_counter() - began


def kept(target: Target, stack: ExitStack) -> socket.socket:
    """Return a connection on which one request was answered."""
    connection = stack.enter_context(target.connect())
    connection.sendall(target.request)
    answer = b""
    while not answer.endswith(b"xx"):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(answer.decode(errors="replace"))
        answer += piece
    return connection


def is_closed(connection: socket.socket) -> bool:
    """Whether the gateway ended a connection on which nothing is expected."""
    # Not select(): it takes no descriptors above 1023.
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


# --- ones that drip


def dripping(target: Target) -> list[Row]:
    """Send a header a second on some connections until the gateway ends them."""
    with ExitStack() as stack:
        open_ones = {stack.enter_context(target.connect()) for _ in range(_DRIPPERS)}
        began, cut = time.perf_counter(), []
        for one in open_ones:
            one.sendall(target.request[:-2])  # all but the empty line
        while open_ones and time.perf_counter() - began < 4 * _CUT_AFTER:
            time.sleep(0.1)
            ended = {one for one in open_ones if is_closed(one) or not dripped(one)}
            cut += [time.perf_counter() - began] * len(ended)
            open_ones -= ended
        cut += [float("inf")] * len(open_ones)
    return [
        Row(what="a client that drips headers is cut", ours=max(cut), unit="s", target=_CUT_AFTER)
    ]


def dripped(connection: socket.socket) -> bool:
    """Whether one more header could be sent."""
    try:
        connection.sendall(b"X: y\r\n")
    except ConnectionError:
        return False
    return True


# --- ones that read slowly


def reading(target: Target, gateway: psutil.Process, options: argparse.Namespace) -> list[Row]:
    """Read long answers slowly; see how much the gateway holds for each, at most."""
    before = pss_mebibytes([gateway])
    most = 0.0
    with ExitStack() as stack:
        readers = [stack.enter_context(target.connect()) for _ in range(_READERS)]
        for one in readers:
            one.sendall(target.request)
        for _ in range(options.seconds):
            time.sleep(1)
            for one in readers:
                if not one.recv(_PACE):
                    raise ConnectionError("a reader was cut off")
            most = max(most, pss_mebibytes([gateway]) - before)
    each = most * 2**20 / 1000 / len(readers)
    return [
        Row(what="a reader of 100 MB at 10 kB/s, memory", ours=each, unit="kB", target=_PER_READER)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle", type=int, default=8000, help="connections")
    parser.add_argument("--requests", type=int, default=300, help="per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=20, help="of reading slowly")
    options = parser.parse_args()
    # Each may need a second descriptor to a board: the gateway counts with that.
    wanted = 2 * options.idle + _OTHER_DESCRIPTORS
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        options.idle = (hard - _OTHER_DESCRIPTORS) // 2
        note(f"only {hard} descriptors are allowed: {options.idle} connections")
        wanted = hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    os.environ["TBGATEWAY_SERVER__KEEPALIVE_TIMEOUT"] = f"{_KEPT}"
    with tempfile.TemporaryDirectory(prefix="bench-", dir="/tmp") as scratch:
        home = Path(scratch)
        with upstream(home / "u") as board, fast_board(home / "g", board) as (target, pid):
            gateway = psutil.Process(pid)
            large = Target(target.address, target.path[: -len("x")] + "large", target.auth)
            settle(gateway)
            rows = dripping(target) + reading(large, gateway, options)
            rows += idle(target, gateway, options)
    show("Connections, trivial upstream; the gateway's process only", rows)


if __name__ == "__main__":
    main()
