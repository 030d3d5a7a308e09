from typing import Any

import pytest

from tbgateway.domain.errors import BadRequestError, InvalidInputError
from tbgateway.domain.model import Access, ExperimentState
from tbgateway.schemas.parsing import parse_body, parse_query
from tbgateway.schemas.requests import (
    ChangeBoard,
    CreateBoard,
    CreateMember,
    CreateToken,
    ExperimentsQuery,
    FailExperiment,
    LogQuery,
    NoBody,
    NoQuery,
)


def test_a_body_becomes_its_shape() -> None:
    body = parse_body(CreateBoard, b'{"name": "vision", "experiments": ["a"], "access": "public"}')
    assert (body.name, body.experiments, body.access) == ("vision", ("a",), Access.PUBLIC)


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_body(FailExperiment, b"").reason == ""
    assert parse_body(NoBody, b"") == NoBody()


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b"[" * 100_000, b'{"name": "\\ud800"}', b"name=vision"]
)
def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequestError, match="not valid JSON") as refused:
        parse_body(CreateBoard, body)
    assert "name (required)" in refused.value.hint


@pytest.mark.parametrize(
    ("shape", "body", "detail"),
    [
        (CreateBoard, b"{}", "The field 'name' is missing."),
        (CreateBoard, b'{"name": 3}', "'name' is not valid: it should be a valid string."),
        (
            CreateBoard,
            b'{"name": "x", "experiments": ["a", 1]}',
            "'experiments.1' is not valid: it should be a valid string.",
        ),
        (
            CreateBoard,
            b'{"name": "x", "access": "all"}',
            "'access' is not valid: it should be 'password', 'members' or 'public'.",
        ),
        (CreateBoard, b"[]", "The input is not valid: it should be an object."),
        (
            CreateToken,
            b'{"label": "ci", "expires_in": NaN}',
            "'expires_in' is not valid: it should be a finite number.",
        ),
        (
            CreateToken,
            b'{"label": "ci", "expires_in": -1}',
            "'expires_in' is not valid: it should be greater than 0.",
        ),
    ],
)
def test_a_field_that_does_not_fit_is_named(shape: type[Any], body: bytes, detail: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_body(shape, body)
    assert refused.value.detail.endswith(detail)
    assert refused.value.hint.startswith("Allowed: ")


def test_an_unknown_field_is_refused_with_a_suggestion() -> None:
    with pytest.raises(InvalidInputError, match="no field 'acess'") as refused:
        parse_body(CreateBoard, b'{"name": "x", "acess": "public"}')
    assert refused.value.hint.startswith("Did you mean 'access'? Allowed: name (required), ")


def test_a_refused_password_is_not_repeated() -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_body(CreateMember, b'{"name": "ada", "password": ["s3cret"]}')
    assert "s3cret" not in f"{refused.value!r} {refused.value.hint} {refused.value.__cause__}"
    body = parse_body(CreateMember, b'{"name": "ada", "password": "s3cret"}')
    assert "s3cret" not in repr(body)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"name": "a", "paused": true}', b'{"name": "a", "password": "b"}']
)
def test_a_board_changes_in_one_respect_at_a_time(body: bytes) -> None:
    with pytest.raises(InvalidInputError, match="one request changes either"):
        parse_body(ChangeBoard, body)


def test_a_query_becomes_its_shape() -> None:
    query = parse_query(ExperimentsQuery, [("state", "running"), ("limit", "7")])
    assert (query.state, query.limit) == (ExperimentState.RUNNING, 7)


@pytest.mark.parametrize(
    ("shape", "pairs"),
    [
        (ExperimentsQuery, [("limit", "0")]),
        (ExperimentsQuery, [("limit", "1001")]),
        (ExperimentsQuery, [("limit", "many")]),
        (LogQuery, [("lines", "-1")]),
        (NoQuery, [("x", "")]),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(
    shape: type[Any], pairs: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInputError):
        parse_query(shape, pairs)


def test_a_parameter_given_twice_is_ambiguous() -> None:
    with pytest.raises(BadRequestError, match="given twice"):
        parse_query(LogQuery, [("lines", "1"), ("lines", "2")])


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "s3cret", "name": "b"}',
        b'{"name": 3, "name": "b"}',
        b'{"name": "s3cret", "n\\u0061me": "s3cret"}',
    ],
)
def test_a_key_given_twice_is_ambiguous(body: bytes) -> None:
    with pytest.raises(BadRequestError, match="The key 'name' is given twice") as refused:
        parse_body(CreateBoard, body)
    assert "s3cret" not in f"{refused.value.detail} {refused.value.hint}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"name": "Vision"}', "name"),
        (b'{"name": "x", "experiments": ["a", 1]}', "experiments.1"),
        (b'{"name": "x", "acess": "public"}', "acess"),
        (b"{}", "name"),
        (b"[]", ""),
    ],
)
def test_the_field_at_fault_is_told_to_programs(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        parse_body(CreateBoard, body)
    assert refused.value.field == field


def test_a_rule_of_the_vocabulary_is_told_in_its_own_words() -> None:
    with pytest.raises(InvalidInputError, match="'Vision' cannot be a board's name") as refused:
        parse_body(CreateBoard, b'{"name": "Vision"}')
    assert "lower-case" in refused.value.hint


@pytest.mark.parametrize("limit", ["1_0", " 1", "1.0", "\uff11", "0x1", "1" * 5000])
def test_a_number_in_a_query_is_decimal_digits(limit: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_query(ExperimentsQuery, [("limit", limit)])
