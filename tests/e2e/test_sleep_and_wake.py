"""A board nobody looks at loses its process and nothing else, and whoever may look wakes it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from event_writer import write_scalars
from patient_plugin import WAIT, install
from playwright.sync_api import Browser, Page
from process_tree import board_processes
from running_gateway import ADMIN_PASSWORD, Answer, RunningGateway, eventually

pytestmark = pytest.mark.slow

ADMIN = ("admin", ADMIN_PASSWORD)
GUEST = ("guest", "open-sesame-please")
IDLE = 4  # seconds
RUNS = ["first/train"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sleep")


@pytest.fixture(scope="module")
def held(home: Path) -> Path:
    """Return a file: as long as it exists, the plugin does not answer."""
    return home / "runs" / "first" / "held"  # a place that boards may look at


@pytest.fixture(scope="module")
def gateway(home: Path, held: Path) -> Iterator[RunningGateway]:
    write_scalars(home / "runs" / "first" / "train", {"loss": [1.0, 0.5]})
    environment = install(home / "plugins", held) | {
        "TBGATEWAY_BOARDS__IDLE_TIMEOUT": str(IDLE),
    }
    with RunningGateway(home / "gateway", [home / "runs"], environment=environment) as running:
        yield running


def create(gateway: RunningGateway, name: str, **fields: object) -> dict[str, Any]:
    body = {"name": name, "experiments": ["first"], **fields}
    answer = gateway.admin("/api/v1/boards", body, method="POST")
    assert answer.status == 201, answer
    assert gateway.runs(name) == RUNS
    made: dict[str, Any] = answer.json()
    return made


def told(gateway: RunningGateway, name: str) -> dict[str, Any]:
    board: dict[str, Any] = gateway.admin(f"/api/v1/boards/{name}").json()
    return board


def state(gateway: RunningGateway, name: str) -> str:
    return str(told(gateway, name)["state"])


def until_asleep(gateway: RunningGateway, name: str) -> None:
    eventually(lambda: state(gateway, name) == "sleeping", what=f"{name} sleeps")


def lasting(board: dict[str, Any]) -> dict[str, Any]:
    """Return what sleep must not change."""
    kept = ("id", "name", "url", "access", "owner", "username", "idle_timeout", "created_at")
    return {key: board[key] for key in kept} | {
        "shown": [one["id"] for one in board["experiments"]]
    }


def processes(gateway: RunningGateway) -> int:
    return len(board_processes(gateway))


def test_a_board_sleeps_and_whoever_may_look_wakes_it(gateway: RunningGateway) -> None:
    create(gateway, "one", username=GUEST[0], password=GUEST[1])
    before = told(gateway, "one")
    assert before["state"] == "running"
    until_asleep(gateway, "one")
    assert processes(gateway) == 0
    assert lasting(told(gateway, "one")) == lasting(before)

    for wrong in (None, ("guest", "wrong"), ("nobody", GUEST[1])):
        for path in ("", "data/runs"):
            assert gateway.get(f"/boards/one/{path}", wrong).status == 401
    assert (state(gateway, "one"), processes(gateway)) == ("sleeping", 0)
    for path in ("/", "/ui/boards/one", "/api/v1/boards", "/metrics"):
        gateway.get(path, ADMIN)
    assert (state(gateway, "one"), processes(gateway)) == ("sleeping", 0), "nobody looked at it"

    assert gateway.runs("one", GUEST) == RUNS, "data wakes it"
    until_asleep(gateway, "one")
    page = gateway.get("/boards/one/", GUEST)
    assert (page.status, b"tb-webapp" in page.body) == (200, True)
    eventually(lambda: state(gateway, "one") == "running", what="the page wakes it")


def test_a_request_in_flight_and_a_board_that_never_sleeps_go_on(
    gateway: RunningGateway, held: Path
) -> None:
    create(gateway, "asked")
    create(gateway, "ever")
    gateway.cli("board", "set-idle", "ever", "never")
    held.touch()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(gateway.get, f"/boards/asked/{WAIT}", ADMIN)
        try:
            create(gateway, "idle")
            until_asleep(gateway, "idle")  # it was asked for last
            assert state(gateway, "asked") == "running"
            assert state(gateway, "ever") == "running"
            assert not answer.done()
        finally:
            held.unlink()
        assert (answer.result().status, answer.result().body) == (200, b"done")
    until_asleep(gateway, "asked")
    assert state(gateway, "ever") == "running"
    gateway.cli("board", "set-idle", "ever", "default")
    until_asleep(gateway, "ever")


def test_a_paused_board_stays_down_and_says_so(gateway: RunningGateway) -> None:
    create(gateway, "paused")
    gateway.cli("board", "stop", "paused")
    eventually(lambda: state(gateway, "paused") == "paused", what="it is paused")

    def ask(accept: str, path: str = "") -> Answer:
        return gateway.get(f"/boards/paused/{path}", ADMIN, headers={"Accept": accept})

    page, told_program = ask("text/html"), ask("application/json", "data/runs")
    assert (page.status, told_program.status) == (503, 503)
    assert b"The board is paused" in page.body
    assert told_program.json()["code"] == "board-paused"
    assert "was stopped by somebody" in told_program.json()["detail"]
    assert (state(gateway, "paused"), processes(gateway)) == ("paused", 0)
    gateway.cli("board", "start", "paused", "--wait")
    assert gateway.runs("paused") == RUNS


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_an_open_page_keeps_a_board_awake_as_long_as_it_can_be_seen(
    gateway: RunningGateway, browser: Browser
) -> None:
    create(gateway, "seen", access="public")
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{gateway.url}/boards/seen/")
    page.locator("tb-webapp").wait_for(state="attached")
    create(gateway, "unseen")
    for _ in range(200):
        let_time_pass(page)
        if state(gateway, "unseen") == "sleeping":
            break
    assert state(gateway, "unseen") == "sleeping"
    assert state(gateway, "seen") == "running"

    look_away(page)
    for _ in range(200):
        let_time_pass(page)
        if state(gateway, "seen") == "sleeping":
            break
    assert state(gateway, "seen") == "sleeping"
    page.context.close()


def let_time_pass(page: Page) -> None:
    """Let half a minute pass on the page, in half a second: so often it loads its data anew."""
    page.clock.run_for(31_000)
    page.wait_for_timeout(500)


def look_away(page: Page) -> None:
    page.evaluate(
        """() => {
            const told = {hidden: true, visibilityState: "hidden"};
            for (const [name, value] of Object.entries(told))
                Object.defineProperty(document, name, {get: () => value, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
