import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Run
from scripted_server import Script, over_unix

MEMBERSHIP = {"id": "ex0", "name": "first", "state": "adding", "visible": True, "problem": None}
BOARD = {
    "id": "tb0",
    "name": "vision",
    "url": "http://127.0.0.1/boards/vision/",
    "state": "running",
    "reason": "",
    "access": "members",
    "owner": "ada",
    "username": None,
    "experiments": [MEMBERSHIP],
    "created_at": "2026-11-23T08:00:00Z",
    "last_visited_at": None,
    "notes": [],
}


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """Return what a gateway answers whom commands find."""
    script = Script()
    monkeypatch.setenv("TBGATEWAY_SOCKET", str(tmp_path / "control"))
    with over_unix(script, tmp_path / "control"):
        yield script


def test_waiting_asks_the_gateway_to_wait(tbgateway: Run, script: Script) -> None:
    script.says(BOARD)
    assert tbgateway("board", "start", "vision", "--wait=added").code == 0
    (_, _, _, _), (method, path, headers, _) = script.asked
    assert (method, path) == ("GET", "/api/v1/boards/tb0?until=added")
    assert headers["prefer"] == "wait=30"


def test_without_wait_nothing_is_waited_for(tbgateway: Run, script: Script) -> None:
    script.says(BOARD)
    assert tbgateway("board", "start", "vision").code == 0
    assert len(script.asked) == 1


def test_a_board_that_failed_ends_the_waiting(tbgateway: Run, script: Script) -> None:
    script.says(BOARD | {"state": "failed", "reason": "out of memory"})
    done = tbgateway("board", "start", "vision", "--wait")
    assert done.code == 1
    assert "out of memory" in done.err
    assert "tbgateway board logs vision" in done.err


def test_experiments_that_cannot_be_shown_are_named(tbgateway: Run, script: Script) -> None:
    broken = MEMBERSHIP | {"visible": False, "problem": "its directory is missing"}
    script.says(BOARD | {"experiments": [broken]})
    done = tbgateway("board", "start", "vision", "--wait", "-o", "json")
    assert done.code == 1
    assert "first: its directory is missing" in json.loads(done.err)["detail"]
