"""What a board uses and who looks at it, of a real TensorBoard."""

import json
import re

import pytest
from running_gateway import RunningGateway, eventually, fetch

pytestmark = pytest.mark.slow
LONG = 60.0  # seconds; a board is measured every 15
PAGE = {"Accept": "text/html"}


@pytest.fixture
def vision(gateway: RunningGateway) -> RunningGateway:
    """Return a gateway with a public board that runs."""
    made = gateway.cli("board", "create", "vision", "-e", "first", "--access", "public", "--wait")
    assert made.returncode == 0, made.stderr
    return gateway


def figures(gateway: RunningGateway) -> list[str]:
    html = gateway.admin("/ui/boards/vision", headers=PAGE).body.decode()
    return re.findall(r'class="chart"[^>]* aria-label="([^"]*)"', html)


def test_a_boards_page_shows_what_its_processes_use(vision: RunningGateway) -> None:
    eventually(lambda: figures(vision), what="the board is measured", within=LONG)
    cpu, memory = figures(vision)
    assert re.fullmatch(r"CPU over the last hour: now [\d.]+ %, peak [\d.]+ %", cpu)
    shown = re.fullmatch(r"Memory over the last hour: now ([\d.]+) MB, peak ([\d.]+) MB", memory)
    assert shown is not None
    assert 5 < float(shown[1]) < 500

    vision.cli("board", "stop", "vision")
    home = re.compile(r'data-label="Memory" class="number"><div><span class="quiet">')
    eventually(
        lambda: home.search(vision.admin("/", headers=PAGE).body.decode()),
        what="a board that is stopped uses nothing",
        within=LONG,
    )


def test_who_looked_is_known_after_a_restart(vision: RunningGateway) -> None:
    for _ in range(3):
        assert fetch(f"{vision.url}/boards/vision/").status == 200
    vision.stop()
    vision.start()
    (visit,) = json.loads(vision.cli("board", "visits", "vision", "-o", "json").stdout)
    assert (visit["kind"], visit["visits"]) == ("anyone", 1)
