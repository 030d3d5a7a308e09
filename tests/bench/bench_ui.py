"""What the pages cost with 1,000 boards and 10,000 experiments.

    python tests/bench/bench_ui.py [--boards 1000] [--experiments 10000] [--requests 200]

A gateway whose boards sleep is asked for each page on a connection that is kept, as a member with
a session; the reference is its own trivial page /healthz, asked in turns with the page. Then
Chromium loads the pages and keeps them open while ten changes arrive: a long task is one that
keeps the page from answering a click.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))

import psutil
from browser import chromium, sign_in
from event_writer import write_scalars
from playwright.sync_api import Browser, Page
from process_cost import cpu_seconds
from report import Row, note, show
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

from tbgateway.rendering.static_files import STATIC_FILES

_FIRST_HTML = 100_000  # bytes, compressed
_SERVER_TIME = 50.0  # ms, of 95 of 100 requests
_LONG_TASK = 100.0  # ms
_FILES = 40_000  # bytes of CSS and JavaScript, uncompressed
_CHANGES = 10
_TRIVIAL = "/healthz"
_TOLD = "window.longTasks = []; new PerformanceObserver(list => longTasks.push(...list.getEntries()"
_TELL = f"{_TOLD}.map(one => one.duration))).observe({{ type: 'longtask', buffered: true }});"


class Request(NamedTuple):
    """One request's milliseconds, those of the gateway's CPU, and the bytes of the answer."""

    time: float
    cpu: float
    size: int


@dataclass(frozen=True)
class Answered:
    """A page's bytes as they travelled, and of each request the milliseconds and the CPU's."""

    size: int
    times: Sequence[float]
    cpu: Sequence[float]
    trivial: Sequence[float]

    def rows(self, what: str) -> Iterator[Row]:
        """Say it."""
        yield Row(what=f"{what}: p95", ours=quantiles(self.times, n=20)[-1], target=_SERVER_TIME)
        yield Row(what=f"{what}: p95 of the CPU time", ours=quantiles(self.cpu, n=20)[-1])
        yield Row(what=f"{what}: median", ours=median(self.times), reference=median(self.trivial))
        yield Row(
            what=f"{what}: compressed", ours=self.size / 1000, unit="kB", target=_FIRST_HTML / 1000
        )


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", type=int, default=1000)
    parser.add_argument("--experiments", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=200)
    chosen = parser.parse_args()
    with _gateway(chosen.boards, chosen.experiments) as gateway, chromium() as browser:
        cookie = _cookie(browser, gateway)
        pages = _pages(gateway)
        title = f"{chosen.boards:,} boards, {chosen.experiments:,} experiments; median / {_TRIVIAL}"
        rows = [
            row
            for what, path in pages.items()
            for row in _ask(gateway, path, cookie, chosen.requests).rows(what)
        ]
        show(title, rows)
        longest = [_watch(browser, gateway, what, path) for what, path in _live(pages).items()]
        show(f"Longest task in Chromium, loading and during {_CHANGES} changes", longest)
    show("Files of the pages", [_files()])
    note(f"load of the machine: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")


@contextmanager
def _gateway(boards: int, experiments: int) -> Iterator[RunningGateway]:
    """Serve sleeping boards of 10 experiments each."""
    home = Path(tempfile.mkdtemp(prefix="tbg"))
    try:
        paths = _write(home / "runs", experiments)
        with RunningGateway(home / "gateway", [home / "runs"]) as gateway:
            eventually(lambda: _known(gateway) == experiments, what="all are found", within=300)
            for number in range(boards):
                names = [str(paths[(number * 10 + one) % experiments]) for one in range(10)]
                body = {"name": f"board-{number:04}", "experiments": names, "access": "members"}
                _done(gateway.admin("/api/v1/boards", body, method="POST"))
            yield gateway
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _write(root: Path, experiments: int) -> list[Path]:
    """Write experiments whose event files are one file, of yesterday; each says what it is."""
    model = root.parent / "model"
    write_scalars(model, {"loss": [1 / (step + 1) for step in range(100)]})
    (file,) = model.iterdir()
    yesterday = time.time() - 86_400
    os.utime(file, (yesterday, yesterday))
    paths = [root / f"experiment-{number:05}-lr-0.001-batch-256" for number in range(experiments)]
    for number, path in enumerate(paths):
        path.mkdir(parents=True)
        os.link(file, path / file.name)
        (path / "tbgateway.json").write_text(_told(number), encoding="utf-8")
    return paths


def _told(number: int) -> str:
    """Return what a script says of an experiment: 20 parameters and 3 tags."""
    params = {f"module.setting_{one}": one * number for one in range(18)}
    params |= {"lr": number / 1e6, "seed": number % 10}
    return json.dumps({"params": params, "tags": ["sweep", "vision", f"seed-{number % 10}"]})


def _known(gateway: RunningGateway) -> int:
    page = gateway.admin("/ui/experiments", headers={"Accept": "text/html"}).body.decode()
    told = page.partition('data-live="known">')[2].partition("<")[0]
    return int(told.replace(",", "") or 0)


def _done(answer: Any) -> None:
    if answer.status >= 300:
        raise SystemExit(f"{answer!r}")


def _cookie(browser: Browser, gateway: RunningGateway) -> str:
    context = browser.new_context()
    sign_in(context.new_page(), gateway.url, "admin", ADMIN_PASSWORD)
    cookies = context.cookies()
    context.close()
    return "; ".join(f"{one['name']}={one['value']}" for one in cookies)


def _pages(gateway: RunningGateway) -> dict[str, str]:
    found = gateway.admin("/api/v1/boards/board-0000").json()
    return {
        "boards": "/",
        "boards, last page": "/?page=999",
        "boards, searched": "/?text=board-07",
        "experiments": "/ui/experiments",
        "experiments, searched": "/ui/experiments?text=experiment-07",
        "experiments by tag": "/ui/experiments?text=tag:seed-7",
        "experiments by parameter": "/ui/experiments?text=lr%3C5e-3+seed%3D%3D7&since=7d",
        "new board": "/ui/new-board",
        "board": "/ui/boards/board-0000",
        "experiment": f"/ui/experiments/{found['experiments'][0]['id']}",
    }


def _live(pages: dict[str, str]) -> dict[str, str]:
    return {what: pages[what] for what in ("boards", "experiments", "board")}


def _ask(gateway: RunningGateway, path: str, cookie: str, requests: int) -> Answered:
    connection = HTTPConnection("127.0.0.1", gateway.port)
    server = [psutil.Process(gateway.process.pid)] if gateway.process else []
    headers = {"Cookie": cookie, "Accept": "text/html", "Accept-Encoding": "gzip, deflate, br"}

    def ask(wanted: str) -> Request:
        cpu, begun = cpu_seconds(server), time.perf_counter()
        connection.request("GET", wanted, headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise SystemExit(f"{wanted}: {answer.status}")
        taken = time.perf_counter() - begun
        return Request(taken * 1000, (cpu_seconds(server) - cpu) * 1000, size)

    ask(path)
    asked = [(ask(path), ask(_TRIVIAL)) for _ in range(requests)]
    connection.close()
    return Answered(
        size=asked[-1][0].size,
        times=[ours.time for ours, _ in asked],
        cpu=[ours.cpu for ours, _ in asked],
        trivial=[trivial.time for _, trivial in asked],
    )


def _watch(browser: Browser, gateway: RunningGateway, what: str, path: str) -> Row:
    """Return the longest task of a page, from its first byte to the last of the changes."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sign_in(page, gateway.url, "admin", ADMIN_PASSWORD)
    page.add_init_script(_TELL)
    page.goto(gateway.url + path, wait_until="load")
    for number in range(_CHANGES):
        _change(gateway, page, number)
    longest = max(page.evaluate("longTasks"), default=0.0)
    context.close()
    return Row(what=what, ours=longest, target=_LONG_TASK)


def _change(gateway: RunningGateway, page: Page, number: int) -> None:
    """Pause a board, or let it be woken again, and wait until the page has asked what is new."""
    body = {"paused": number % 2 == 0}
    with page.expect_response(lambda answer: answer.request.resource_type == "xhr"):
        _done(gateway.admin("/api/v1/boards/board-0000", body, method="PATCH"))
    page.wait_for_timeout(300)


def _files() -> Row:
    sizes = [
        len(file.content) for name, file in STATIC_FILES.items() if name.endswith((".css", ".js"))
    ]
    return Row(
        what="CSS and JavaScript, uncompressed",
        ours=sum(sizes) / 1000,
        unit="kB",
        target=_FILES / 1000,
    )


if __name__ == "__main__":
    main()
