from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from tbgateway.client.decoding import decode, encode
from tbgateway.domain.errors import UnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    name: str
    seen: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    leaves: tuple[Leaf, ...]
    since: datetime
    height: float = 0.0
    notes: Mapping[str, bool | int | float | str] = field(default_factory=dict)


JSON = {
    "leaves": [{"name": "a", "seen": None}],
    "since": "2026-11-23T08:00:00Z",
    "height": 2,
    "notes": {"old": True, "rings": 3, "girth": 1.0, "kind": "oak"},
}
TREE = Tree(
    leaves=(Leaf(name="a"),),
    since=datetime(2026, 11, 23, 8, tzinfo=UTC),
    height=2.0,
    notes={"old": True, "rings": 3, "girth": 1.0, "kind": "oak"},
)


def test_json_becomes_typed_records() -> None:
    assert decode(Tree, JSON) == TREE


def test_records_become_json_again() -> None:
    assert encode(TREE) == JSON


def test_values_of_several_kinds_stay_what_they_are() -> None:
    kinds = [type(value) for value in decode(Tree, JSON).notes.values()]
    assert kinds == [bool, int, float, str]


def test_fields_of_a_newer_server_are_ignored() -> None:
    assert decode(Leaf, {"name": "a", "colour": "green"}) == Leaf(name="a")


@pytest.mark.parametrize(
    "json",
    [
        None,
        [],
        {},
        {"leaves": {}, "since": "2026-11-23"},
        {"leaves": [1], "since": "2026-11-23"},
        {"leaves": [], "since": "yesterday"},
        {"leaves": [{"name": 1}], "since": "2026-11-23"},
        {"leaves": [], "since": "2026-11-23", "notes": []},
        {"leaves": [], "since": "2026-11-23", "notes": {"a": [1]}},
    ],
)
def test_what_is_no_such_record_is_told(json: object) -> None:
    with pytest.raises(UnreachableError, match="no tree that this client understands"):
        decode(Tree, json)
