import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App

from tbgateway.cli.application import app
from tbgateway.domain.errors import TbgatewayError

DOCS = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(
    re.findall(r"^### (tbgateway [a-z -]+)\n(.*?)(?=^##|\Z)", DOCS, re.DOTALL | re.MULTILINE)
)
SHARED = ("--url", "--token-file", "--output", "--help", "--version")


def commands(parent: App, words: tuple[str, ...] = ("tbgateway",)) -> Iterator[tuple[str, App]]:
    for name in parent:
        if not name.startswith("-"):
            child = parent[name]
            if child.default_command is None:
                yield from commands(child, (*words, name))
            else:
                yield " ".join((*words, name)), child


COMMANDS = dict(commands(app))


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert set(SECTIONS) == set(COMMANDS)


def arguments_of(name: str) -> list[Any]:
    with app.app_stack(name.split()[1:]):  # where a command gets what the application says for all
        arguments = COMMANDS[name].assemble_argument_collection(parse_docstring=True)
        return [argument for argument in arguments if argument.show and argument.names]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_documented(name: str) -> None:
    options = {
        option
        for argument in arguments_of(name)
        for option in argument.names
        if option.startswith("--") and option not in SHARED
    }
    assert {option for option in options if option not in SECTIONS[name]} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_that_the_docs_give_a_command_exists(name: str) -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", SECTIONS[name]))
    known = {option for argument in arguments_of(name) for option in argument.names}
    assert told - known - set(SHARED) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_argument_explains_itself(name: str) -> None:
    assert COMMANDS[name].help
    for argument in arguments_of(name):
        assert argument.parameter.help, f"{name}: {argument.names}"


def test_every_shared_option_and_exit_code_is_documented() -> None:
    for option in SHARED[:-1]:
        assert option in DOCS
    for kind in (TbgatewayError, *TbgatewayError.__subclasses__()):
        assert f"| {kind.exit_code} |" in DOCS
