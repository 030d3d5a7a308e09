"""Gradient's commands and options, as our own command line has them."""

import json
import re
from pathlib import Path

import pytest
from command_line import Run
from running_api import RunningApi
from running_gateway import fetch

pytestmark = pytest.mark.usefixtures("gateway")
UNKNOWN = ("--id", "tb0000000000")


def made(tbgateway: Run, *words: str) -> str:
    done = tbgateway("tensorboards", "create", "--experiment", "first", *words)
    assert done.code == 0, done.err
    found = re.fullmatch(r"Created new tensorboard with id: (tb[0-9a-f]{10})\n", done.out)
    assert found, done.out
    return found[1]


def test_the_six_commands_say_what_gradients_say(tbgateway: Run, gateway: RunningApi) -> None:
    board = made(tbgateway, "--experiment", "second", "--image", "an/image")
    first = gateway.client.experiments.show("first").id
    url = f"{gateway.url}/boards/tensorboard-{board.removeprefix('tb')}/"

    heads, row = tbgateway("tensorboards", "list").out.splitlines()
    assert (heads.split(), row.split()) == (["ID", "URL", "STATE"], [board, url, "Running"])
    shown = tbgateway("tensorboards", "details", "--id", board).out
    assert re.search(r"^image +an/image$", shown, re.MULTILINE)
    less = tbgateway("tensorboards", "remove-experiments", "--id", board, "--experiment", "first")
    assert re.search(rf"^{first} +Deleting$", less.out, re.MULTILINE)
    more = tbgateway("tensorboards", "add-experiments", "--id", board, "-e", "first")
    assert re.search(rf"^{first} +Adding$", more.out, re.MULTILINE)
    gone = tbgateway("tensorboards", "delete", "--id", board)
    assert (gone.code, gone.out) == (0, f"Delete tensorboard ({board}) ended with success\n")
    assert "No data found" in tbgateway("tensorboards", "list").err


def test_a_path_is_an_experiment(tbgateway: Run, runs: Path) -> None:
    done = tbgateway("tensorboards", "create", "-e", str(runs / "second"), "-o", "json")
    (experiment,) = json.loads(done.out)["experiments"]
    assert experiment["project_id"] == "runs"


def test_results_are_printed_as_json(tbgateway: Run) -> None:
    words = ("tensorboards", "create", "-e", "first", "-o", "json")
    board = json.loads(tbgateway(*words).out)
    details = tbgateway("tensorboards", "details", "--id", board["id"], "-o", "json")
    assert json.loads(details.out) == board
    assert json.loads(tbgateway("tensorboards", "list", "-o", "json").out) == [board]
    assert tbgateway("tensorboards", "delete", "--id", board["id"], "-o", "json").out == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create",), 2, "--experiment"),
        (("create", "-e", "none"), 3, "There is no experiment 'none'"),
        (("create", "-e", ""), 2, "names no experiment"),
        (("create", "-e", "first", "--username", "ada"), 2, "a user name and a password"),
        (
            ("create", "-e", "first", "--password", "x", "--password-stdin"),
            *(2, "A password needs one source."),
        ),
        (("details",), 2, "--id"),
        (("details", *UNKNOWN), 3, "There is no board 'tb0000000000'."),
        (("add-experiments", *UNKNOWN, "-e", "first"), 3, "There is no board"),
        (("add-experiments", *UNKNOWN), 2, "--experiment"),
        (("remove-experiments", *UNKNOWN, "-e", "first"), 3, "There is no board"),
        (("delete", *UNKNOWN), 3, "There is no board"),
        (("list", "--url", "http://127.0.0.1:1"), 6, "No gateway answers"),
    ],
)
def test_failures_have_exit_codes(
    tbgateway: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    done = tbgateway("tensorboards", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_wrong_token_is_told_and_ends_with_4(
    tbgateway: Run, gateway: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TBGATEWAY_TOKEN", "wrong")
    done = tbgateway("tensorboards", "list", "--url", gateway.url)
    assert done.code == 4
    assert "The API token does not fit" in done.err


def test_a_password_opens_the_board_and_one_on_the_command_line_is_remarked(
    tbgateway: Run, gateway: RunningApi
) -> None:
    create = ("tensorboards", "create", "-e", "first", "--username", "ada")
    seen = tbgateway(*create, "--password", "a-good-password")
    unseen = tbgateway(*create, "--password-stdin", stdin="a-good-password\n")
    assert "--password-stdin" in seen.err
    assert "--password-stdin" not in unseen.err
    for done in (seen, unseen):
        assert "a-good-password" not in done.out + done.err
        board = gateway.client.boards.show(done.out.split()[-1])
        assert fetch(board.url).status == 401
        assert fetch(board.url, auth=("ada", "a-good-password")).status != 401
