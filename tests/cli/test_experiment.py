import json
from pathlib import Path

import pytest
from command_line import Run
from event_writer import write_scalars

pytestmark = pytest.mark.usefixtures("gateway")


def test_experiments_are_listed(tbgateway: Run) -> None:
    heads, *rows = tbgateway("experiment", "list").out.splitlines()
    assert heads.split() == ["NAME", "ID", "STATE", "SIZE", "LAST", "EVENT", "PROBLEM"]
    assert {row.split()[0] for row in rows} == {"first", "second"}
    assert tbgateway("experiment", "list", "SEC").out.splitlines()[1].split()[0] == "second"


def test_an_empty_list_says_how_to_register_one(tbgateway: Run) -> None:
    done = tbgateway("experiment", "list", "--state", "failed")
    assert (done.code, done.out) == (0, "")
    assert "tbgateway experiment register PATH" in done.err


def test_a_directory_is_registered_by_its_relative_path(
    tbgateway: Run, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (runs / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(runs / "deep")
    done = tbgateway("experiment", "register", "er", "--name", "mine", "--running", "-o", "json")
    assert done.code == 0, done.err
    made = json.loads(done.out)
    assert (made["name"], made["path"], made["held"]) == ("mine", f"{runs}/deep/er", True)
    assert "until somebody completes it" in tbgateway("experiment", "show", "mine").out


@pytest.mark.parametrize("named", ["first", "./first"])
def test_an_experiment_is_shown_by_name_and_path(
    tbgateway: Run, runs: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(runs)
    assert f"{runs}/first" in tbgateway("experiment", "show", named).out


def test_showing_a_path_registers_nothing(tbgateway: Run, runs: Path) -> None:
    write_scalars(runs / "first" / "part", {"loss": [1.0]})
    assert tbgateway("experiment", "show", str(runs / "first" / "part")).code == 3


def test_completing_a_path_registers_it(tbgateway: Run, runs: Path) -> None:
    write_scalars(runs / "late" / "run", {"loss": [1.0]})
    done = tbgateway("experiment", "complete", str(runs / "late" / "run"))
    assert done.code == 0, done.err
    assert "completed (completed by local)" in done.out


def test_failing_says_why(tbgateway: Run) -> None:
    assert "failed (NaN)" in tbgateway("experiment", "fail", "first", "--reason", "NaN").out
    assert "failed, said local" in tbgateway("experiment", "fail", "second").out


def test_registered_experiments_are_forgotten(tbgateway: Run, runs: Path) -> None:
    path = runs / "first" / "part"
    write_scalars(path, {"loss": [1.0]})
    tbgateway("experiment", "register", str(path), "--name", "a/b")
    done = tbgateway("experiment", "delete", "a/b")
    assert (done.code, done.out, done.err) == (0, "", "forgot a/b\n")
    assert tbgateway("experiment", "show", "a/b").code == 3
    assert path.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["show", "none"], 3),
        (["complete", "none/at all"], 3),
        (["delete", "first"], 5),
        (["register", "/etc"], 2),
        (["register", "/none"], 2),
    ],
)
def test_refusals_have_exit_codes_and_hints(tbgateway: Run, words: list[str], code: int) -> None:
    done = tbgateway("experiment", *words)
    assert done.code == code
    assert done.err.splitlines()[-1].startswith(("hint: ", "try: "))
