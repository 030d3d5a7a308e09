"""Processes that exist and answer nothing are replaced while somebody waits for them."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from process_tree import assert_gone, board_processes
from running_gateway import ADMIN_PASSWORD, Answer, RunningGateway

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)

PLUGIN = """
import itertools
import time

from tensorboard.plugins import base_plugin


class SpinningPlugin(base_plugin.TBPlugin):
    plugin_name = "spinning"

    def __init__(self, context):
        pass

    def get_plugin_apps(self):
        return {"/spin": spin, "/nap": nap}

    def is_active(self):
        return False


def spin(environ, start_response):
    any(itertools.repeat(False))  # in C, without end: no other thread gets the interpreter


def nap(environ, start_response):
    time.sleep(9)  # longer than anybody waits for a process that hangs
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"rested"]
"""
METADATA = "Metadata-Version: 2.1\nName: spinning-plugin\nVersion: 1.0\n"
ENTRY_POINTS = "[tensorboard_plugins]\nspinning = spinning_plugin:SpinningPlugin\n"
RUNS = {
    "still": ["first/train", "first/val"],
    "blind": ["second/train"],
    "spinning": ["first/train", "first/val", "second/train"],
    "well": ["second/train"],
}


@pytest.fixture
def gateway(
    start_gateway: Callable[..., RunningGateway], runs: Path, tmp_path: Path
) -> RunningGateway:
    """Return a gateway whose boards have a plugin that can spin."""
    package = tmp_path / "plugins" / "spinning_plugin"
    installed = tmp_path / "plugins" / "spinning_plugin-1.0.dist-info"
    package.mkdir(parents=True)
    installed.mkdir()
    (package / "__init__.py").write_text(PLUGIN)
    (installed / "METADATA").write_text(METADATA)
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)
    environment = {
        "PYTHONPATH": str(package.parent),
        "TBGATEWAY_BOARDS__PLUGINS": "spinning-plugin",
    }
    return start_gateway(runs, environment=environment)


def with_process(gateway: RunningGateway, name: str) -> psutil.Process:
    """Make a board; return its process."""
    before = set(board_processes(gateway))
    experiments = sorted({run.partition("/")[0] for run in RUNS[name]})
    gateway.cli("board", "create", name, *(f"-e{one}" for one in experiments), "--wait")
    (process,) = set(board_processes(gateway)) - before
    return process


def the_data_server(board: psutil.Process) -> psutil.Process:
    (server,) = board.children(recursive=True)
    return server


@contextmanager
def asked_all_the_time(gateway: RunningGateway, name: str) -> Iterator[list[int]]:
    """Ask a board again and again; yield the statuses of its answers."""
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            statuses.append(gateway.get(f"/boards/{name}/data/runs", ADMIN).status)

    with ThreadPoolExecutor(1) as visitor:
        asking = visitor.submit(ask)
        yield statuses
        over.set()
        asking.result()


def test_who_asks_a_hung_board_is_told_so_and_a_new_process_takes_over(
    gateway: RunningGateway,
) -> None:
    """One stands still, of one only the data server does, and one spins; one is well."""
    processes = {name: with_process(gateway, name) for name in RUNS}
    processes["still"].suspend()
    the_data_server(processes["blind"]).suspend()

    def ask(name: str) -> Answer:
        match name:
            case "still":  # a page, as people see it
                return gateway.get(
                    "/boards/still/data/runs", ADMIN, headers={"Accept": "text/html"}
                )
            case "blind":  # nothing that is sent is sent twice
                path, options = "/boards/blind/data/runs", {"method": "POST", "body": b"x=1"}
            case _:
                path, options = "/boards/spinning/data/plugin/spinning/spin", {}
        return gateway.get(path, ADMIN, headers={"Accept": "application/json"}, **options)

    hung = ("still", "blind", "spinning")
    with asked_all_the_time(gateway, "well") as others, ThreadPoolExecutor(4) as visitors:
        busy = visitors.submit(gateway.get, "/boards/well/data/plugin/spinning/nap", ADMIN)
        page, *problems = visitors.map(ask, hung)
        with suppress(psutil.NoSuchProcess):
            processes["still"].resume()  # it steals nothing from its successor
        again = dict(zip(hung, visitors.map(gateway.runs, hung), strict=True))

    assert [answer.status for answer in (page, *problems)] == [504] * 3
    assert b"The board does not answer" in page.body
    assert page.headers["Content-Type"].startswith("text/html")
    for answer in problems:
        assert answer.json()["code"] == "timed-out"
        assert answer.json()["detail"].startswith("The board does not answer")
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in (page, *problems))
    assert again == {name: RUNS[name] for name in hung}
    assert set(others) == {200}
    assert busy.result().body == b"rested"
    assert_gone([processes[name] for name in hung])
    assert processes["well"].is_running()
    for name in RUNS:
        board = gateway.admin(f"/api/v1/boards/{name}").json()
        assert board["state"] == "running"
    assert gateway.log.read_text().count("board is tried again") == len(hung)
