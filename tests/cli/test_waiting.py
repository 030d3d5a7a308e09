import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Outcome, Run
from running_api import RunningApi
from scripted_server import Script, over_unix
from started_command import on_terminal

from tbgateway.client.boards import _until_told

Words = tuple[str, ...]

MEMBERSHIP = {"id": "ex0", "name": "first", "state": "adding", "visible": True, "problem": None}
BOARD: dict[str, object] = {
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
    assert tbgateway("board", "start", "vision", "--wait=added", "-o", "json").code == 0
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


def told(tbgateway: Run, script: Script, *boards: dict[str, object], words: Words = ()) -> Outcome:
    """Wait for a board that is like this, one after the other; only the last is the end of it."""
    script.says(*boards)
    script.statuses = [202] * (len(boards) - 2)  # the first answers the start
    return tbgateway("board", "start", "vision", "--wait", *words)


def test_what_is_waited_for_is_told_line_by_line(tbgateway: Run, script: Script) -> None:
    hidden = BOARD | {"experiments": [MEMBERSHIP | {"visible": None}]}
    done = told(tbgateway, script, hidden | {"state": "starting"}, hidden, hidden, BOARD)
    assert done.code == 0
    assert done.err.splitlines() == [
        "first: starting",
        "first: reading event files",
        "first: visible, still running",
    ]


def test_what_was_visible_before_is_no_news(tbgateway: Run, script: Script) -> None:
    second = MEMBERSHIP | {"id": "ex1", "name": "second"}
    beginning = [MEMBERSHIP, second | {"visible": False}]
    done = told(
        tbgateway,
        script,
        BOARD | {"experiments": beginning},
        BOARD | {"experiments": [MEMBERSHIP, second]},
    )
    assert done.err.splitlines() == [
        "second: reading event files",
        "second: visible, still running",
    ]


def test_programs_are_told_nothing_while_they_wait(tbgateway: Run, script: Script) -> None:
    done = told(tbgateway, script, BOARD | {"state": "starting"}, BOARD, words=("-o", "json"))
    assert (done.code, done.err) == (0, "")


def test_a_problem_of_one_dashboard_ends_no_waiting(tbgateway: Run, script: Script) -> None:
    flawed = MEMBERSHIP | {"problem": "run/a: no tensors"}
    reading = BOARD | {"experiments": [flawed | {"visible": False}]}
    done = told(tbgateway, script, reading, reading, BOARD | {"experiments": [flawed]})
    assert done.code == 0, done.err
    assert "first: reading event files (run/a: no tensors)" in done.err
    assert "no tensors" in done.out


def test_people_are_told_every_second_at_first_and_more_seldom_later() -> None:
    assert [_until_told(waited) for waited in (0.0, 5.0, 60.0, 3600.0)] == [1.0, 1.0, 12.0, 30.0]


def test_on_a_screen_the_phases_are_shown_until_they_are_history(gateway: RunningApi) -> None:
    gateway.launcher.hold = True
    with on_terminal("board", "create", "v", "-e", "first", "--wait", "--timeout=2") as waiting:
        shown = waiting.until("first  starting") + waiting.until("\x1b[2K")
        code, rest = waiting.ended()
    assert code == 7
    assert "error: " not in shown
    assert "\x1b[?25h" in rest


def test_what_is_wrong_with_one_run_keeps_nobody_waiting(
    tbgateway: Run, gateway: RunningApi
) -> None:
    async def trouble() -> None:
        for launch_id in await gateway.launcher.observe():
            gateway.launcher.trouble(launch_id, "first", "no tensors")

    tbgateway("board", "create", "vision", "-e", "first", "--wait")
    gateway.do(trouble())
    done = tbgateway("board", "add", "vision", "second", "--wait")
    assert done.code == 0, done.err
    assert "no tensors" in tbgateway("board", "show", "vision").out


def test_who_waits_may_give_up(gateway: RunningApi) -> None:
    gateway.launcher.hold = True
    with on_terminal("board", "create", "v", "-e", "first", "--wait") as waiting:
        waiting.until("first  starting")
        code, rest = waiting.ended_by(signal.SIGINT)
    assert code == 130
    assert "\x1b[?25h" in rest
    assert "Traceback" not in rest
