import json
import webbrowser
from pathlib import Path

import pytest
from command_line import Run
from event_writer import write_scalars
from running_api import RunningApi
from running_gateway import ADMIN_PASSWORD, fetch

from tbgateway.domain.model import Role

pytestmark = pytest.mark.usefixtures("gateway")


def fields(printed: str) -> dict[str, str]:
    """Return the record that a command printed."""
    lines = printed.partition("\n\n")[0].splitlines()
    return {name: value for name, _, value in (line.partition("  ") for line in lines)}


def test_without_boards_it_says_how_to_make_one(tbgateway: Run) -> None:
    done = tbgateway("board", "list")
    assert (done.code, done.out) == (0, "")
    assert "tbgateway board create" in done.err
    assert json.loads(tbgateway("board", "list", "-o", "json").out) == []


def test_a_board_is_made_and_listed(tbgateway: Run, gateway: RunningApi) -> None:
    made = tbgateway("board", "create", "vision", "-e", "first", "-e", "second", "--wait")
    assert made.code == 0, made.err
    assert "first" in made.out
    listed = tbgateway("board", "list").out.splitlines()
    assert listed[0].split("  ")[0] == "NAME"
    assert listed[1].split()[:5] == ["vision", "running", "2", "2", "members"]
    assert listed[1].endswith(f"{gateway.url}/boards/vision/")


def test_a_board_is_shown_with_its_experiments(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision", "-e", "first", "--wait")
    heads, row = tbgateway("board", "show", "vision").out.partition("\n\n")[2].splitlines()
    assert heads.split() == ["EXPERIMENT", "ID", "STATE", "VISIBLE", "PROBLEM"]
    assert row.split()[0] == "first"
    assert row.split()[2:] == ["adding", "yes"]
    shown = json.loads(tbgateway("board", "show", "vision", "-o", "json").out)
    assert [one["visible"] for one in shown["experiments"]] == [True]


def test_a_password_from_stdin_is_nowhere_in_the_output(tbgateway: Run) -> None:
    made = tbgateway(
        *("board", "create", "vision", "--username", "vis", "--password-stdin"),
        stdin="s3cret-pass\n",
    )
    assert made.code == 0, made.err
    assert fields(made.out)["access"].strip() == "password"
    assert "s3cret-pass" not in made.out + made.err


def test_a_generated_password_is_told_once(tbgateway: Run) -> None:
    made = tbgateway(
        *("board", "create", "vision", "--username", "vis", "--generate-password"),
        *("-o", "json"),
    )
    assert len(json.loads(made.out)["password"]) >= 20
    assert "password" not in json.loads(tbgateway("board", "show", "vision", "-o", "json").out)
    changed = tbgateway("board", "set-password", "vision", "--generate-password")
    assert "(shown this once)" in changed.out


def test_it_is_said_who_may_look_with_a_password_where_one_is_needed(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision")
    assert tbgateway("board", "set-access", "vision", "public").code == 0
    assert json.loads(tbgateway("board", "show", "vision", "-o", "json").out)["access"] == "public"
    assert tbgateway("board", "set-access", "vision", "password").code == 5
    words = ("board", "set-access", "vision", "password", "--username", "vis")
    made = json.loads(tbgateway(*words, "--generate-password", "-o", "json").out)
    assert (made["access"], made["username"]) == ("password", "vis")
    assert len(made["password"]) >= 20
    assert tbgateway("board", "set-access", "vision", "nobody").code == 2


def test_a_generated_password_is_told_even_if_waiting_fails(
    tbgateway: Run, gateway: RunningApi
) -> None:
    gateway.launcher.hold = True
    made = tbgateway(
        *("board", "create", "vision", "-e", "first", "--username", "vis"),
        *("--generate-password", "--wait", "--timeout", "0.2"),
    )
    assert made.code == 7
    assert "(shown this once)" in made.out
    assert "were not visible within 0.2 s" in made.err


def test_a_username_without_a_password_is_refused(tbgateway: Run) -> None:
    done = tbgateway("board", "create", "vision", "--username", "vis")
    assert done.code == 2
    assert "--generate-password" in done.err
    assert tbgateway("board", "list").out == ""


@pytest.mark.parametrize(
    ("word", "seconds", "words"),
    [
        ("90m", 5400, "90 minutes"),
        ("never", 0, "never"),
        ("default", None, "the gateway's default"),
    ],
)
def test_it_is_said_when_a_board_sleeps(
    tbgateway: Run, word: str, seconds: float | None, words: str
) -> None:
    tbgateway("board", "create", "vision")
    done = tbgateway("board", "set-idle", "vision", word)
    assert done.code == 0, done.err
    assert fields(done.out)["sleeps after"].strip() == words
    shown = json.loads(tbgateway("board", "show", "vision", "-o", "json").out)
    assert shown["idle_timeout"] == seconds


def test_what_is_no_duration_is_refused_with_an_example(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision")
    done = tbgateway("board", "set-idle", "vision", "soon")
    assert "'soon'" in done.err
    assert "Write 45m or 12h, or never, or default." in done.err


def test_visitors_are_listed(tbgateway: Run, gateway: RunningApi) -> None:
    tbgateway("board", "create", "vision", "-e", "first", "--wait")
    assert "Nobody opened vision" in tbgateway("board", "visits", "vision").err
    page = fetch(f"{gateway.url}/boards/vision/", auth=("admin", ADMIN_PASSWORD))
    assert page.status == 200
    heads, row = tbgateway("board", "visits", "vision").out.splitlines()
    assert heads.split() == ["VISITOR", "BY", "VISITS", "LAST", "FIRST"]
    assert row.split()[:4] == ["admin", "own", "account", "1"]
    (visit,) = json.loads(tbgateway("board", "visits", "vision", "-o", "json").out)
    assert (visit["kind"], visit["visitor"], visit["visits"]) == ("member", "admin", 1)


def test_experiments_come_and_go(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision")
    added = tbgateway("board", "add", "vision", "first", "second", "--wait", "-o", "json")
    assert [one["name"] for one in json.loads(added.out)["experiments"]] == ["first", "second"]
    removed = tbgateway("board", "remove", "vision", "first", "--wait", "-o", "json")
    assert [one["name"] for one in json.loads(removed.out)["experiments"]] == ["second"]


def test_a_path_is_taken_for_an_experiment_and_registered(
    tbgateway: Run, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scalars(runs / "project" / "run 1", {"loss": [1.0]})
    monkeypatch.chdir(runs)
    made = tbgateway("board", "create", "vision", "-e", "./project/run 1", "-e", "first")
    assert made.code == 0, made.err
    assert "project/run 1" in made.out
    assert tbgateway("board", "remove", "vision", "./project/run 1", "--wait").code == 0


def test_adding_nothing_is_a_usage_error(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision")
    done = tbgateway("board", "add", "vision", "--wait")
    assert done.code == 2
    assert "No experiment is named" in done.err


def test_waiting_until_added_ends_when_experiments_are_finished(tbgateway: Run) -> None:
    for name in ("first", "second"):
        tbgateway("experiment", "complete", name)
    done = tbgateway("board", "create", "vision", "-e", "first", "-e", "second", "--wait=added")
    assert done.code == 0, done.err


def test_waiting_gives_up_with_exit_code_7(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision")
    done = tbgateway("board", "add", "vision", "first", "--wait=added", "--timeout", "0.3")
    assert done.code == 7
    assert "not added within 0.3 s: first." in done.err
    assert "tbgateway board show vision" in done.err


def test_boards_are_renamed_and_deleted(tbgateway: Run) -> None:
    for name in ("a", "b", "c"):
        tbgateway("board", "create", name)
    assert tbgateway("board", "rename", "a", "z").code == 0
    done = tbgateway("board", "delete", "z", "b")
    assert (done.code, done.out) == (0, "")
    listed = json.loads(tbgateway("board", "list", "-o", "json").out)
    assert [one["name"] for one in listed] == ["c"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["board", "show", "none"], 3),
        (["board", "delete", "vision", "none"], 3),
        (["board", "create", "vision"], 5),
        (["board", "create", "Vision"], 2),
        (["board", "create", "x", "-e", "none"], 3),
        (["board", "set-password", "vision"], 2),
        (["board", "logs", "vision", "--lines", "0"], 2),
        (["board", "set-idle", "vision", "soon"], 2),
        (["board", "set-idle", "vision", "5s"], 2),
        (["board", "visits", "none"], 3),
    ],
)
def test_refusals_have_exit_codes_and_hints(tbgateway: Run, words: list[str], code: int) -> None:
    tbgateway("board", "create", "vision")
    done = tbgateway(*words)
    assert done.code == code
    assert done.err.splitlines()[-1].startswith(("hint: ", "try: "))


def test_errors_are_json_for_programs(tbgateway: Run) -> None:
    done = tbgateway("board", "show", "none", "-o", "json")
    assert (done.code, done.out) == (3, "")
    assert json.loads(done.err)["code"] == "not-found"


def test_a_board_is_stopped_and_started(tbgateway: Run) -> None:
    tbgateway("board", "create", "vision", "-e", "first", "--wait")
    assert tbgateway("board", "stop", "vision").code == 0
    waited = tbgateway("board", "add", "vision", "second", "--wait")
    assert waited.code == 1
    assert "tbgateway board start vision" in waited.err
    assert tbgateway("board", "start", "vision", "--wait").code == 0


def test_logs_come_without_control_characters(tbgateway: Run, gateway: RunningApi) -> None:
    tbgateway("board", "create", "vision", "-e", "first", "--wait")
    (launch_id,) = gateway.do(gateway.launcher.observe())
    gateway.launcher.say(launch_id, "a line\twith \x1b[31mred")
    printed = tbgateway("board", "logs", "vision", "--lines", "1")
    assert printed.out == "a line\twith \\x1b[31mred\n"
    assert json.loads(tbgateway("board", "logs", "vision", "-o", "json").out)["lines"]


def test_open_prints_the_url_even_without_a_browser(
    tbgateway: Run, gateway: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or False)
    tbgateway("board", "create", "vision", "--open")
    done = tbgateway("board", "open", "vision")
    assert done.out == f"{gateway.url}/boards/vision/\n"
    assert opened == [f"{gateway.url}/boards/vision/"] * 2
    assert "no browser" in done.err


def test_by_url_a_token_says_who_asks(
    tbgateway: Run, gateway: RunningApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.add_member("eve", Role.EDITOR)
    (tmp_path / "token").write_text(gateway.token_of("eve"))
    there = ("--url", gateway.url)
    assert tbgateway(*there, "board", "list").code == 4
    made = tbgateway(*there, "--token-file", str(tmp_path / "token"), "board", "create", "eves")
    assert fields(made.out)["owner"].strip() == "eve"
    monkeypatch.setenv("TBGATEWAY_URL", gateway.url)
    monkeypatch.setenv("TBGATEWAY_TOKEN", gateway.token_of("eve"))
    assert "eves" in tbgateway("board", "list").out


@pytest.mark.parametrize("seconds", ["-3", "nan", "inf"])
def test_a_time_nobody_can_wait_is_refused_before_anything_is_made(
    tbgateway: Run, seconds: str
) -> None:
    done = tbgateway("board", "create", "vision", "--wait", f"--timeout={seconds}")
    assert done.code == 2
    assert tbgateway("board", "show", "vision").code == 3
