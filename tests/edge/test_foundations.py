"""What the edge stands on: parsers, versions, and nothing that a scanner of code objects to."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from aiohttp import http_parser
from aiohttp.client_proto import HttpResponseParser
from aiohttp.web_protocol import HttpRequestParser
from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2]
FLOORS = {
    "aiohttp": "3.14.5",  # the parser that the cases of this directory were tried with
    "tensorboard": "2.21",  # older projectors read any file
    "werkzeug": "3.1",  # the boards' server
}


def required() -> dict[str, Requirement]:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    return {one.name: one for one in map(Requirement, project["dependencies"])}


@pytest.mark.parametrize("parser", [HttpRequestParser, HttpResponseParser])
def test_messages_are_parsed_by_llhttp(parser: type) -> None:
    """The other parser, in Python, is used where there is no wheel: it reads other things."""
    assert parser.__module__ == "aiohttp._http_parser"
    assert parser not in {http_parser.HttpRequestParserPy, http_parser.HttpResponseParserPy}


@pytest.mark.parametrize("name", FLOORS)
def test_nothing_older_is_installed_or_allowed(name: str) -> None:
    requirement = required()[name]
    floor = tuple(map(int, FLOORS[name].split(".")))
    below = ".".join(map(str, (*floor[:-1], floor[-1] - 1, 999)))
    assert requirement.specifier.contains(version(name))
    assert requirement.specifier.contains(FLOORS[name])
    assert not requirement.specifier.contains(below)
    assert any(one.operator == "<" for one in requirement.specifier)


@pytest.mark.parametrize("name", FLOORS)
def test_the_locked_version_is_one_of_them(name: str) -> None:
    (locked,) = re.findall(
        rf"^{name}==([\w.]+)", (PROJECT / "requirements.lock").read_text(), re.MULTILINE
    )
    assert required()[name].specifier.contains(locked)


def bandit(*paths: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "bandit", "-q", "-r", "--severity-level", "medium", *paths]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_bandit_finds_nothing_of_medium_or_high_severity(tmp_path: Path) -> None:
    found = bandit(PROJECT / "tbgateway")
    assert found.returncode == 0, found.stdout

    planted = tmp_path / "planted.py"
    planted.write_text("import subprocess\nsubprocess.run('ls ' + input(), shell=True)\n")
    assert bandit(planted).returncode == 1
