import json
from pathlib import Path

import pytest
from command_line import Run
from event_writer import write_scalars

pytestmark = pytest.mark.usefixtures("gateway")


def test_experiments_are_listed(tbgateway: Run) -> None:
    heads, *rows = tbgateway("experiment", "list").out.splitlines()
    assert heads.split() == ["NAME", "ID", "STATE", "SIZE", "LAST", "EVENT", "TAGS", "PROBLEM"]
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


def test_stopping_says_why_and_touches_no_process(tbgateway: Run) -> None:
    assert "stopped (enough)" in tbgateway("experiment", "stop", "first", "--reason", "enough").out
    assert "stopped by local" in tbgateway("experiment", "stop", "second").out


def test_an_experiment_is_described_and_shown_with_all_that_was_said(tbgateway: Run) -> None:
    said = ("--param", "lr=0.001", "--param", "model=a\nb", "--param", "amp=true", "--tag", "b")
    notes = ("--tag", "a c", "--notes", "# Fine\n\nvery")
    done = tbgateway("experiment", "describe", "first", *said, *notes)
    assert done.code == 0, done.err
    assert done.out == tbgateway("experiment", "show", "first").out
    lines = done.out.splitlines()
    there = next(number for number, line in enumerate(lines) if line.startswith("tags"))
    assert [line.strip() for line in lines[there:]] == [
        "tags        b, a c",
        "params      amp = true",
        "lr = 0.001",
        "model = a\\nb",
        "notes       # Fine",
        "",
        "very",
    ]


def test_what_is_not_named_stays_and_what_is_removed_goes(tbgateway: Run) -> None:
    first = ("--param", "lr=1", "--param", "typo=1", "--tag", "a", "--tag", "b", "--notes", "x")
    tbgateway("experiment", "describe", "first", *first)
    removed = ("--remove-param", "typo", "--remove-tag", "a", "--param", "lr=2")
    done = tbgateway("experiment", "describe", "first", *removed, "-o", "json")
    left = json.loads(done.out)
    assert (left["params"], left["tags"], left["notes"]) == ({"lr": 2}, ["b"], "x")
    emptied = tbgateway("experiment", "describe", "first", "--notes", "", "-o", "json")
    assert json.loads(emptied.out)["notes"] == ""


def test_notes_come_from_a_file_and_from_stdin(tbgateway: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("from a file\n")
    described = ("experiment", "describe", "first", "--notes-file")
    assert "notes       from a file" in tbgateway(*described, str(tmp_path / "notes.md")).out
    assert "notes       piped" in tbgateway(*described, "-", stdin="piped").out
    listed = tbgateway("experiment", "describe", "first", "--notes", "- a\n- b", "--tag", "x")
    assert "notes       - a\n            - b\n" in listed.out


def test_what_is_registered_may_be_described_at_once(tbgateway: Run, runs: Path) -> None:
    (runs / "third").mkdir()
    words = ("--running", "--param", "seed=3", "--tag", "new", "--notes", "It begins.")
    done = tbgateway("experiment", "register", str(runs / "third"), *words, "-o", "json")
    made = json.loads(done.out)
    assert (made["params"], made["tags"], made["notes"]) == ({"seed": 3}, ["new"], "It begins.")


def test_experiments_are_chosen_by_what_is_said_of_them(tbgateway: Run) -> None:
    tbgateway("experiment", "describe", "first", "--param", "lr=0.0005", "--tag", "Baseline")
    tbgateway("experiment", "describe", "second", "--param", "lr=0.1", "--tag", "Baseline")

    def chosen(*words: str) -> set[str]:
        return {row.split()[0] for row in tbgateway("experiment", "list", *words).out.splitlines()}

    assert chosen("--tag", "Baseline") == {"NAME", "first", "second"}
    assert chosen("base", "--param", "lr<1e-3") == {"NAME", "first"}
    assert chosen("--param", "lr>=0.0005", "--param", "lr!=0.1") == {"NAME", "first"}
    assert chosen("--tag", "Baseline", "--tag", "none") == set()
    assert chosen("--since", "1h") == {"NAME", "first", "second"}
    assert chosen("--since", "2126-01-01") == set()


def test_a_parameter_that_is_asked_for_has_a_column(tbgateway: Run) -> None:
    tbgateway("experiment", "describe", "first", "--param", "lr=0.0005", "--param", "amp=true")
    conditions = ("--param", "lr<1", "--param", "lr>0", "--param", "amp")
    heads, row = tbgateway("experiment", "list", *conditions).out.splitlines()
    assert heads.split()[6:8] == ["lr", "amp"]
    assert row.split()[-2:] == ["0.0005", "true"]


def test_logdirs_say_where_scripts_make_new_experiments(tbgateway: Run, runs: Path) -> None:
    heads, row = tbgateway("experiment", "logdirs").out.splitlines()
    assert heads.split() == ["NAME", "PATH", "DEPTH", "NEW"]
    assert row.split() == ["runs", str(runs), "1", "yes"]
    (told,) = json.loads(tbgateway("experiment", "logdirs", "-o", "json").out)
    assert told == {"name": "runs", "path": str(runs), "depth": 1, "new": True}


def test_conditions_and_assignments_that_are_mixed_up_are_told_apart(tbgateway: Run) -> None:
    wrong = tbgateway("experiment", "describe", "first", "--param", "lr<1e-3")
    assert wrong.code == 2
    assert "try: tbgateway experiment list --param 'lr<1e-3'" in wrong.err
    assert "lr=0.001" in wrong.err
    unknown = tbgateway("experiment", "list", "--param", "<3")
    assert unknown.code == 2
    assert "lr<1e-3" in unknown.err


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
        (["describe", "first"], 2),
        (["describe", "none", "--tag", "a"], 3),
        (["describe", "first", "--param", "lr"], 2),
        (["describe", "first", "--param", "lr=1", "--remove-param", "lr"], 2),
        (["describe", "first", "--tag", "a,b"], 2),
        (["describe", "first", "--notes", "a", "--notes-file", "b"], 2),
        (["list", "--since", "yesterday"], 2),
        (["stop", "none"], 3),
    ],
)
def test_refusals_have_exit_codes_and_hints(tbgateway: Run, words: list[str], code: int) -> None:
    done = tbgateway("experiment", *words)
    assert done.code == code
    assert done.err.splitlines()[-1].startswith(("hint: ", "try: "))
