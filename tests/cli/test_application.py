import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Never

import pytest
from command_line import Run

from tbgateway.cli import application
from tbgateway.domain.locations import control_sockets
from tbgateway.settings.directories import default_runtime_dir, default_state_dir


def test_without_a_command_it_explains_itself(tbgateway: Run) -> None:
    done = tbgateway()
    assert done.code == 0
    assert "board" in done.out


@pytest.mark.parametrize(
    ("arguments", "detail", "hint"),
    [
        (["bord", "list"], 'Did you mean "board"', "tbgateway --help"),
        (["board", "frobnicate"], "Unknown command", "tbgateway board --help"),
        (["board", "show"], "requires an argument", "tbgateway board show --help"),
        (["board", "show", "a", "b"], "fewer arguments: 'b'", "tbgateway board show --help"),
        (
            ["board", "list", "--outptu", "json"],
            "Unknown option: --outptu",
            "Did you mean --output",
        ),
        (["board", "create", "x", "--experimnet=y"], "Did you mean --experiment", "--help"),
        (["token", "create", "x", "--expires-in", "5"], "is not a length of time", "12h or 90d"),
        (["board", "logs", "x", "--lines", "ten"], "'ten' for --lines: it is not a whole", "logs"),
        (["board", "create", "x", "-e", ""], "names no experiment", "id, name or path"),
        (["board", "add", "x", " "], "names no experiment", "id, name or path"),
        (["experiment", "show", ""], "names no experiment", "id, name or path"),
        (["experiment", "register", ""], "names no directory", "tbgateway experiment register"),
        (["board", "list", "--colour"], "Unknown option", "tbgateway board list --help"),
        (["board", "list", "-o", "xml"], "xml", "--help"),
        (["board", "create", "x", "--wait=maybe"], "maybe", "tbgateway board create --help"),
        (["experiment", "list", "--state", "done"], "done", "tbgateway experiment list --help"),
    ],
)
def test_what_cannot_be_understood_exits_with_2(
    tbgateway: Run, arguments: list[str], detail: str, hint: str
) -> None:
    done = tbgateway(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert detail in done.err
    assert hint in done.err.splitlines()[-1]


def test_an_option_is_taken_for_one_other_at_most(tbgateway: Run) -> None:
    said = tbgateway("experiment", "list", "--sinc", "7d").err
    assert "Did you mean --since?" in said
    assert said.count("Did you mean") == 1


def test_usage_errors_are_json_if_json_was_asked_for(tbgateway: Run) -> None:
    done = tbgateway("-o", "json", "board", "show", "a", "b")
    assert json.loads(done.err)["code"] == "invalid-input"


def test_without_a_gateway_it_exits_with_6(tbgateway: Run) -> None:
    done = tbgateway("board", "list")
    assert done.code == 6
    assert "No gateway was found" in done.err


@pytest.mark.parametrize("place", [0, 1, 2])
def test_global_options_stand_anywhere(tbgateway: Run, place: int) -> None:
    arguments = ["board", "list"]
    arguments[place:place] = ["--url", "http://127.0.0.1:1"]
    done = tbgateway(*arguments)
    assert done.code == 6
    assert "http://127.0.0.1:1" in done.err


def test_a_bare_wait_means_visible_but_not_behind_two_hyphens() -> None:
    spelled = application._spelled_out(["board", "add", "--wait", "--", "--wait"])
    assert spelled == ["board", "add", "--wait=visible", "--", "--wait"]


def test_an_interrupted_command_exits_with_130(
    tbgateway: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_arguments: object, **_options: object) -> Never:
        raise KeyboardInterrupt

    monkeypatch.setattr("tbgateway.client.Client.find", interrupted)
    assert tbgateway("board", "list").code == 130


def test_a_reader_that_went_away_is_no_error() -> None:
    done = subprocess.run(
        [
            "bash",
            "-c",
            f"{sys.executable} -m tbgateway completion bash | true; echo ${{PIPESTATUS[0]}}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() in {"0", "141"}
    assert done.stderr == ""


def test_listing_boards_loads_nothing_of_the_servers_side(tmp_path: Path) -> None:
    script = (
        "import sys; from tbgateway.cli import main; code = main(['board', 'list']);"
        "heavy = {'aiohttp', 'tensorboard', 'pydantic', 'structlog', 'bcrypt', 'numpy', 'rich'};"
        "print(code, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TBGATEWAY_SOCKET": str(tmp_path / "none")},
    )
    assert done.stdout.strip() == "6 []"


def test_the_version_is_told_twice(tbgateway: Run) -> None:
    shown = json.loads(tbgateway("version", "-o", "json").out)
    assert tbgateway("--version").out.strip() == shown["tbgateway"]
    assert shown["tensorboard"]


def test_the_gateways_own_default_socket_is_among_those_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TBGATEWAY_SOCKET")
    control = default_runtime_dir(default_state_dir()) / "control"
    assert control in control_sockets(os.environ, os.getuid(), Path.home())
