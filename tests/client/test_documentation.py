import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tbgateway
from tbgateway.client import Client, events
from tbgateway.client.boards import Boards
from tbgateway.client.experiments import Experiments
from tbgateway.client.members import Members
from tbgateway.client.tensorboards import Tensorboards
from tbgateway.client.tokens import Tokens

DOCS = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
NOUNS = {
    "client": Client,
    "client.boards": Boards,
    "client.experiments": Experiments,
    "client.members": Members,
    "client.tokens": Tokens,
    "client.tensorboards": Tensorboards,
}
TOLD = dict(re.findall(r"`(client(?:\.\w+)+)\(([^`]*)\)`", DOCS))


def calls() -> Iterator[tuple[str, str]]:
    """Yield all that can be called, and with what."""
    for noun, kind in NOUNS.items():
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{noun}.{name}", arguments(method)


def arguments(method: object) -> str:
    assert callable(method)
    shown = []
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        default = parameter.default
        value = "" if default is parameter.empty else f"={shown_default(default)}"
        shown.append(f"{parameter.name}{value}")
    return ", ".join(shown)


def shown_default(default: object) -> str:
    return f'"{default}"' if isinstance(default, str) else repr(default)


def test_every_call_is_documented_with_its_arguments_and_nothing_else_is() -> None:
    assert dict(calls()) == TOLD


@pytest.mark.parametrize("name", re.findall(r"tbgateway\.errors\.(\w+)", DOCS))
def test_the_errors_of_the_docs_exist(name: str) -> None:
    assert hasattr(tbgateway.errors, name)


def test_every_event_is_documented() -> None:
    for kind in events.Event.__args__:
        assert f"`{kind.__name__}`" in DOCS
