from dataclasses import dataclass
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


JSON = {"leaves": [{"name": "a", "seen": None}], "since": "2026-11-23T08:00:00Z", "height": 2}
TREE = Tree(leaves=(Leaf(name="a"),), since=datetime(2026, 11, 23, 8, tzinfo=UTC), height=2.0)


def test_json_becomes_typed_records() -> None:
    assert decode(Tree, JSON) == TREE


def test_records_become_json_again() -> None:
    assert encode(TREE) == JSON


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
    ],
)
def test_what_is_no_such_record_is_told(json: object) -> None:
    with pytest.raises(UnreachableError, match="no tree that this client understands"):
        decode(Tree, json)
