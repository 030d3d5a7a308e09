import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from pydantic import BaseModel

from tbgateway.controlplane.gradient import routes
from tbgateway.controlplane.gradient.answering import MEMBERSHIP_STATES, STATES
from tbgateway.schemas import gradient
from tbgateway.schemas.answers import Answer
from tbgateway.schemas.requests import Body

DOCS = (Path(__file__).parents[3] / "docs" / "gradient.md").read_text(encoding="utf-8")
ROUTES = routes(Mock(), Mock())  # routes only keep what they are given
SHAPES = [
    kind
    for kind in vars(gradient).values()
    if isinstance(kind, type) and issubclass(kind, Answer | Body) and kind not in {Answer, Body}
]


def test_every_route_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", DOCS, re.MULTILINE))
    assert documented == {f"{one.method} {one.pattern.rstrip('/')}" for one in ROUTES}


def test_every_path_is_there_with_and_without_a_slash() -> None:
    known = {(one.method, one.pattern) for one in ROUTES}
    bare = {(method, path.rstrip("/")) for method, path in known}
    assert known == bare | {(method, f"{path}/") for method, path in bare}


def test_who_may_is_documented() -> None:
    told = dict(re.findall(r"^\| `([A-Z]+ /[^`]*)` \| ([^|]+) \|", DOCS, re.MULTILINE))
    allowed = {"viewers": {"viewers"}, "editors": {"editors", "owner, admins"}}
    for one in ROUTES:
        assert told[f"{one.method} {one.pattern.rstrip('/')}"] in allowed[one.who.value]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_field_is_documented(shape: type[BaseModel]) -> None:
    assert {name for name in shape.model_fields if not re.search(rf"[`\"]{name}\b", DOCS)} == set()


def test_every_state_is_documented() -> None:
    for words in (STATES, MEMBERSHIP_STATES):
        for state, word in words.items():
            assert f"`{state}`" in DOCS, state
            assert f"`{word}`" in DOCS, word


def test_every_route_takes_a_key() -> None:
    assert all(one.takes_api_key for one in ROUTES)
