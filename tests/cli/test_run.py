import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Run

from tbgateway.cli.run import output_of, words_for_run
from tbgateway.cli.terminal import Output
from tbgateway.training.run_order import OPTIONS


@pytest.fixture(autouse=True)
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory of its own, and remember nothing."""
    monkeypatch.chdir(home)
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("run --name x true", "--name x true"),
        ("--url http://gw -o json run --name x true", "--url http://gw -o json --name x true"),
        ("run --name x -- tbgateway run --help", "--name x -- tbgateway run --help"),
        ("run --help", None),
        ("run --name x -h true", None),
        ("run --notes --help --name x true", "--notes --help --name x true"),
        ("board show run", None),
        ("--help", None),
    ],
)
def test_the_words_of_a_command_are_taken_as_they_are(text: str, words: str | None) -> None:
    assert words_for_run(text.split()) == (None if words is None else words.split())


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("--name x true -o json", Output.TABLE),
        ("-o json --name x true", Output.JSON),
        ("--output=json --name", Output.JSON),
        ("--name x -o", Output.TABLE),
        ("-ojson --nme x", Output.JSON),
        ("--notes -o json true", Output.TABLE),
    ],
)
def test_errors_are_json_if_that_was_asked_for_before_the_command(
    text: str, output: Output
) -> None:
    assert output_of(text.split()) is output


def test_its_end_is_the_commands(tbgateway: Run) -> None:
    assert tbgateway("run", "--name", "x", "--", "sh", "-c", "exit 7").code == 7
    assert tbgateway("run", "--name", "x", "sh", "-c", "kill -9 $$").code == 137


def test_a_command_that_is_not_there_exits_with_127_and_leaves_nothing(
    tbgateway: Run, here: Path
) -> None:
    done = tbgateway("-o", "json", "run", "--name", "x", "no-such-command")
    assert done.code == 127
    assert "'no-such-command' was not found" in json.loads(done.err)["detail"]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "words", [(), ("--name", "x"), ("--name", "a\tb", "true"), ("--nme", "x", "true")]
)
def test_what_cannot_be_understood_exits_with_2(
    tbgateway: Run, here: Path, words: tuple[str, ...]
) -> None:
    done = tbgateway("run", *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert list(here.iterdir()) == []


def test_it_explains_itself_as_all_commands_do(tbgateway: Run) -> None:
    done = tbgateway("run", "--help")
    assert done.code == 0
    for option in OPTIONS:
        assert option.name in done.out
    assert "TBGATEWAY_LOGDIR" in done.out


def test_a_shell_can_complete_its_options(tbgateway: Run) -> None:
    script = tbgateway("completion", "fish").out
    assert "tensorboard_set" in script
    assert "no-create-boards" in script


def test_it_loads_nothing_of_the_servers_side() -> None:
    script = (
        "import sys; from tbgateway.cli import main; main(['run', '--name', 'x', 'true']);"
        "heavy = {'aiohttp', 'tensorboard', 'pydantic', 'structlog', 'bcrypt', 'rich'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    assert done.stdout == b"[]\n"
