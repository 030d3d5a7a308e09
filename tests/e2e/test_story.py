"""What the product is for: a script writes summaries, people look at them in a browser."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import chromium, watch
from nginx_process import NginxInFront
from playwright.sync_api import Browser, Page, expect
from running_gateway import RunningGateway, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PASSWORD = "only-for-this-board"
TRAINING_SCRIPT = """
import sys
from tensorboardX import SummaryWriter

with SummaryWriter(sys.argv[1]) as writer:
    for step in range(50):
        writer.add_scalar("train/loss", 1 / (step + 1), step)
        writer.add_scalar("train/accuracy", step / 50, step)
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=["direct", "behind nginx"])
def served(
    request: pytest.FixtureRequest, start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> Iterator[tuple[RunningGateway, str]]:
    """Yield a gateway on an empty root, and the URL under which people find it."""
    root = tmp_path / "runs"
    root.mkdir()
    if request.param == "direct":
        gateway = start_gateway(root)
        yield gateway, gateway.url
        return
    with NginxInFront(tmp_path / "nginx") as nginx:
        gateway = start_gateway(root, flags=[f"--public-url={nginx.url}"])
        nginx.start(upstream=f"127.0.0.1:{gateway.port}")
        yield gateway, nginx.url


def train(directory: Path) -> None:
    subprocess.run([sys.executable, "-c", TRAINING_SCRIPT, str(directory)], check=True)


def listed_runs(page: Page) -> set[str]:
    return set(page.locator("runs-table-row, .run-name, runs-data-table .name").all_inner_texts())


def test_from_a_training_script_to_scalars_in_a_browser(
    served: tuple[RunningGateway, str], tmp_path: Path, browser: Browser
) -> None:
    gateway, url = served
    train(tmp_path / "runs" / "resnet 50, lr=0.1")
    train(tmp_path / "runs" / "baseline")
    first = tmp_path / "runs" / "resnet 50, lr=0.1"
    gateway.cli("experiment", "register", str(first), "--running")
    gateway.cli(
        *("board", "create", "vision", "-e", "resnet 50, lr=0.1"),
        *("--username", "alice", "--password-stdin"),
        stdin=PASSWORD,
    )
    memberships = gateway.admin("/api/v1/boards/vision").json()["experiments"]
    assert [(one["name"], one["state"]) for one in memberships] == [("resnet 50, lr=0.1", "adding")]

    context = browser.new_context(http_credentials={"username": "alice", "password": PASSWORD})
    page = context.new_page()
    failures = watch(page)
    page.goto(f"{url}/boards/vision")
    assert page.url.startswith(f"{url}/boards/vision/")
    expect(page.get_by_text("train/loss").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("resnet 50, lr=0.1").first).to_be_visible()
    expect(page.get_by_text("baseline")).to_have_count(0)

    gateway.cli("board", "add", "vision", "baseline", "--wait")
    page.locator("button.reload-button").click()
    expect(page.get_by_text("baseline").first).to_be_visible(timeout=30_000)

    gateway.cli("board", "remove", "vision", "baseline")
    eventually(
        lambda: gateway.runs("vision", ("alice", PASSWORD)) == ["resnet 50, lr=0.1"],
        what="the removed experiment is gone",
    )
    page.locator("button.reload-button").click()
    expect(page.get_by_text("baseline")).to_have_count(0, timeout=30_000)

    gateway.cli("experiment", "complete", "resnet 50, lr=0.1")
    memberships = gateway.admin("/api/v1/boards/vision").json()["experiments"]
    assert [one["state"] for one in memberships] == ["added"]
    assert failures == []
    context.close()
