from pathlib import Path

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.training.run_order import OPTIONS, RunOrder, parse_order, parser, wants_help


def parsed(text: str) -> RunOrder:
    return parse_order(text.split(" "))


def test_everything_that_can_be_said_is_understood() -> None:
    order = parse_order(
        [
            *("--name", "resnet", "--board", "a", "--board=b", "--tag", "x", "--tag", "y"),
            *("--param", "lr=3e-4", "--param", "warm=true", "--param", "opt=adam w"),
            *("--notes", "Looks **fine**.", "--logdir", "here", "--resume"),
            *("--no-create-boards", "--url", "http://gw", "--token-file", "t", "-o", "json"),
            *("--", "python", "train.py", "--name", "other"),
        ]
    )
    assert order == RunOrder(
        command=("python", "train.py", "--name", "other"),
        name="resnet",
        boards=("a", "b"),
        tags=("x", "y"),
        params={"lr": 3e-4, "warm": True, "opt": "adam w"},
        notes="Looks **fine**.",
        logdir="here",
        resume=True,
        create_boards=False,
        url="http://gw",
        token_file=Path("t"),
    )


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("--name x -- python a.py", ("python", "a.py")),
        ("--name x python a.py -- b", ("python", "a.py", "--", "b")),
        ("--name=x python --help", ("python", "--help")),
        ("--name x --resume python -o json", ("python", "-o", "json")),
        ("--name x -- -odd", ("-odd",)),
    ],
)
def test_the_commands_own_words_are_left_alone(text: str, command: tuple[str, ...]) -> None:
    assert parsed(text).command == command
    assert not wants_help(text.split(" "))


@pytest.mark.parametrize(
    ("text", "detail", "hint"),
    [
        ("true", "no name", "--name NAME"),
        ("--name= true", "no name", "--name NAME"),
        ("--name x", "no command", "tbgateway run --name NAME"),
        ("--name x --", "no command", "tbgateway run --name NAME"),
        ("--name", "expected one argument", "tbgateway run --help"),
        ("--name x --notes", "expected one argument", "tbgateway run --help"),
        ("--name x --notes -- true", "expected one argument", "tbgateway run --help"),
        ("--name x --tag -y true", "expected one argument", "tbgateway run --help"),
        ("--name x --name y true", "--name is given twice", "tbgateway run --help"),
        ("--name x --notes a --notes b true", "--notes is given twice", "tbgateway run --help"),
        ("--name x --param a=1 --param a=2 true", "'a' is given twice", "Give it once"),
        ("--nam x true", "--nam", "tbgateway run --help"),
        ("--name x --colour true", "--colour", "tbgateway run --help"),
        ("--name x --param lr true", "'lr' is not KEY=VALUE", "lr=0.001"),
        ("--name x --tensorboard --tensorboard_set y true", "exclude each other", "--help"),
    ],
)
def test_what_cannot_be_understood_is_told(text: str, detail: str, hint: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parsed(text)
    assert detail in refused.value.detail
    assert hint in refused.value.hint


@pytest.mark.parametrize("text", ["-x", "--help", "-h", "--name", "- a list\n- of two"])
def test_notes_may_begin_with_a_hyphen(text: str) -> None:
    words = ["--notes", text, "--name", "x", "true"]
    assert not wants_help(words)
    assert parse_order(words).notes == text


def test_boards_can_be_chosen_as_gradient_did() -> None:
    assert parsed("--name x --tensorboard true").only_board
    assert parsed("--name x --tensorboard_set tb0123456789 true").board_that_is == "tb0123456789"


@pytest.mark.parametrize("text", ["--help", "-h", "--name x -h", "--help -- true"])
def test_help_is_asked_for_before_the_command(text: str) -> None:
    assert wants_help(text.split(" "))


def test_the_help_explains_every_option() -> None:
    told = " ".join(parser().format_help().split())
    for option in OPTIONS:
        assert option.name in told
        assert option.help in told
