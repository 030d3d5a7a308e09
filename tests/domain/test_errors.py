import ast
import re
from pathlib import Path

import pytest

from tbgateway.domain import errors
from tbgateway.domain.errors import ERRORS, InvalidInputError, TbgatewayError

PROJECT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| `([a-z-]+)` \| (\d+) \| (\d+) \| (.+?) \| (.+?) \|$",
    (PROJECT / "docs" / "errors.md").read_text(),
    flags=re.MULTILINE,
)
FOR_EVERYBODY = ("boards", "experiments", "controlplane", "dataplane", "domain", "schemas")
"""What is raised here reaches pages and programs, too."""
COMMAND = r"tbgateway (board|experiment|member|token|login|serve)\b|--[a-z]"


def test_every_class_has_a_code_of_its_own() -> None:
    classes = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, TbgatewayError)
    }
    assert set(ERRORS.values()) == classes
    assert all(code == kind.code for code, kind in ERRORS.items())


def test_the_documented_errors_are_those_that_there_are() -> None:
    told = {code: (int(status), int(exit_code)) for code, status, exit_code, _, _ in ROWS}
    assert told == {code: (kind.status, kind.exit_code) for code, kind in ERRORS.items()}


@pytest.mark.parametrize(("code", "means"), [(row[0], row[3]) for row in ROWS])
def test_the_documents_say_what_the_code_says(code: str, means: str) -> None:
    assert means == " ".join((ERRORS[code].__doc__ or "").split())


def test_only_known_statuses_and_exit_codes_are_used() -> None:
    for kind in ERRORS.values():
        assert 400 <= kind.status <= 599
        assert 1 <= kind.exit_code <= 7


def test_an_error_is_what_was_wrong_and_what_to_do() -> None:
    error = InvalidInputError("It is wrong.", hint="Do this.", command="do it", field="a.1")
    assert error.detail == "It is wrong."
    assert str(error) == "It is wrong. Do this."  # what a traceback shows
    assert str(InvalidInputError("It is wrong.")) == "It is wrong."
    assert (error.hint, error.command, error.field) == ("Do this.", "do it", "a.1")


def hints(path: Path) -> list[str]:
    """Return what a module says in hints, as far as it stands there."""
    calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    values = (word.value for call in calls for word in call.keywords if word.arg == "hint")
    parts = (part for value in values for part in ast.walk(value))
    return [str(part.value) for part in parts if isinstance(part, ast.Constant)]


@pytest.mark.parametrize("package", FOR_EVERYBODY)
def test_hints_are_for_everybody_and_command_lines_are_commands(package: str) -> None:
    modules = (PROJECT / "tbgateway" / package).rglob("*.py")
    told = {str(module): [h for h in hints(module) if re.search(COMMAND, h)]
            for module in modules}  # fmt: skip
    assert {module: said for module, said in told.items() if said} == {}
