"""What may be said of an experiment is what its schema says, and refused in words that help."""

import json
from typing import Any

import pytest

from tbgateway.domain.description import Condition
from tbgateway.domain.errors import BadRequestError, InvalidInputError
from tbgateway.schemas.parsing import parse_body, parse_query
from tbgateway.schemas.requests import (
    CompleteExperiment,
    DescribeExperiment,
    ExperimentsQuery,
    RegisterExperiment,
    RenewLease,
)


def registered(**fields: object) -> RegisterExperiment:
    return parse_body(RegisterExperiment, json.dumps({"path": "/x", **fields}).encode())


def described(**fields: object) -> DescribeExperiment:
    return parse_body(DescribeExperiment, json.dumps(fields).encode())


def test_parameters_keep_their_kinds() -> None:
    params = registered(params={"amp": True, "epochs": 1, "lr": 1.0, "model": "vit"}).params
    assert [type(value) for value in params.values()] == [bool, int, float, str]


def test_an_integer_that_is_too_large_is_a_number_like_any_other() -> None:
    assert registered(params={"big": 10**30}).params == {"big": 1e30}
    with pytest.raises(InvalidInputError, match="'big' cannot be inf"):
        registered(params={"big": 10**400})


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (b'{"a": [1]}', "'a' cannot be a list"),
        (b'{"a": {"b": 1}}', "'a' cannot be an object"),
        (b'{"a": null}', "'a' cannot be nothing"),
        (b'{"a": NaN}', "'a' cannot be nan"),
        (b'{"a": 1e999}', "'a' cannot be inf"),
        (b'{"a<": 1}', "'a<' cannot be the name of a parameter"),
    ],
)
def test_a_parameter_that_cannot_be_one_is_named(params: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as refused:
        parse_body(RegisterExperiment, b'{"path": "/x", "params": %b}' % params)
    assert refused.value.field == "params"
    assert refused.value.hint


def test_a_parameter_given_twice_is_ambiguous() -> None:
    with pytest.raises(BadRequestError, match="The key 'a' is given twice"):
        parse_body(RegisterExperiment, b'{"path": "/x", "params": {"a": 1, "a": 2}}')


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tags": ["a", "a"]}, "tags"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": "a"}, "tags"),
        ({"notes": "a\x00"}, "notes"),
        ({"notes": "x" * 65_537}, "notes"),
        ({"lease": 9.9}, "lease"),
        ({"lease": 86_401}, "lease"),
        ({"lease": "60"}, "lease"),
        ({"nonce": "short"}, "nonce"),
        ({"nonce": "../../../../etc/passwd"}, "nonce"),
        ({"params": [1]}, "params"),
    ],
)
def test_what_a_script_may_not_say_is_refused_beside_its_field(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        registered(**fields)
    assert refused.value.field == field


def test_a_change_names_what_changes_and_null_removes() -> None:
    body = described(params={"lr": 0.1, "typo": None}, tags={"add": ["a"], "remove": ["b"]})
    assert body.params == {"lr": 0.1, "typo": None}
    assert (body.tags.add, body.tags.remove, body.notes) == (("a",), ("b",), None)
    assert described(notes="").notes == ""
    assert described() == described(params={}, tags={})


def test_also_the_name_of_a_parameter_to_remove_must_be_one() -> None:
    with pytest.raises(InvalidInputError, match="' lr' cannot be the name of a parameter"):
        described(params={" lr": None})


def test_a_mistake_inside_an_object_is_told_with_what_is_allowed_there() -> None:
    with pytest.raises(InvalidInputError) as unknown:
        described(tags={"ad": ["a"]})
    assert unknown.value.field == "tags.ad"
    assert unknown.value.hint == "Did you mean 'add'? Allowed: add, remove."
    with pytest.raises(InvalidInputError) as listed:
        described(tags=["a"])
    assert listed.value.hint == "Allowed: add, remove."


def test_ends_and_heartbeats_carry_finite_seconds() -> None:
    assert parse_body(CompleteExperiment, b"").ended_at is None
    assert parse_body(CompleteExperiment, b'{"ended_at": 1763900000.5}').ended_at == 1763900000.5
    for body in (b'{"ended_at": -1}', b'{"ended_at": 1e300}', b'{"ended_at": "now"}'):
        with pytest.raises(InvalidInputError):
            parse_body(CompleteExperiment, body)
    with pytest.raises(InvalidInputError, match="'lease' is missing"):
        parse_body(RenewLease, b"{}")


def test_tags_and_conditions_are_repeated_in_a_query() -> None:
    pairs = [("tag", "a"), ("param", "lr<1e-3"), ("tag", "b"), ("param", "amp"), ("limit", "7")]
    query = parse_query(ExperimentsQuery, pairs)
    assert query.tag == ("a", "b")
    assert query.param == (Condition("lr", "<", "1e-3"), Condition("amp"))
    assert query.limit == 7


def test_nothing_else_is_and_the_hint_says_what_may_be() -> None:
    with pytest.raises(BadRequestError, match="'text' is given twice") as refused:
        parse_query(ExperimentsQuery, [("text", "a"), ("text", "b")])
    assert refused.value.hint == "Give it once. Only param and tag may be given several times."


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("tag", "a"), ("tag", "a,b")], "tag.1"),
        ([("param", "<3")], "param.0"),
        ([("param", "")], "param.0"),
        ([("tag", "a")] * 11, "tag"),
        ([("since", "7d")], "since"),
        ([("since", "2026-11-23T08:00:00 01:00")], "since"),
    ],
)
def test_a_condition_that_cannot_be_understood_is_refused(
    pairs: list[tuple[str, str]], field: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_query(ExperimentsQuery, pairs)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02", 86_400.0),
        ("1970-01-01T01:00:00", 3600.0),
        ("1970-01-01T01:00:00Z", 3600.0),
        ("1970-01-01T01:00:00+01:00", 0.0),
        ("1970-01-01T00:00:00.250Z", 0.25),
        ("0001-01-01", -62_135_596_800.0),
    ],
)
def test_since_is_a_date_or_time_in_utc_unless_it_says_otherwise(text: str, seconds: float) -> None:
    assert parse_query(ExperimentsQuery, [("since", text)]).since == seconds
