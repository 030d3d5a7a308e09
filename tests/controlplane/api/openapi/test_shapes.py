import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tbgateway.controlplane.api.openapi.shapes import Shapes
from tbgateway.domain.errors import TbgatewayError
from tbgateway.schemas.answers import BoardAnswer
from tbgateway.schemas.operations import Operation, Reply
from tbgateway.schemas.parsing import parse_body
from tbgateway.schemas.requests import Body, ChangeBoard, CreateBoard, FailExperiment

PASSWORD = "correct-horse-battery"


def shapes(body: type[Body]) -> Shapes:
    reply = {200: Reply("x", BoardAnswer)}
    return Shapes.of([Operation(id="x", tag="x", summary="x", body=body, replies=reply)])


def fits(shape: type[Body], body: object) -> bool:
    schema = {
        "$ref": f"#/components/schemas/{shape.__name__}",
        "components": {"schemas": dict(shapes(shape).definitions)},
    }
    return bool(Draft202012Validator(schema).is_valid(body))


def test_times_are_told_as_they_are_answered() -> None:
    board: Any = shapes(CreateBoard).definitions["BoardAnswer"]
    assert board["properties"]["created_at"] == {"type": "string", "format": "date-time"}


def test_a_body_is_required_unless_nothing_fits_too() -> None:
    assert shapes(CreateBoard).request_body(CreateBoard)["required"] is True
    assert shapes(ChangeBoard).request_body(ChangeBoard)["required"] is True
    assert shapes(FailExperiment).request_body(FailExperiment)["required"] is False


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ({"name": "a"}, True),
        ({"paused": False}, True),
        ({"password": PASSWORD}, True),
        ({"access": "public"}, True),
        ({}, False),
        ({"name": None}, False),
        ({"name": "a", "paused": True}, False),
        ({"name": "a", "password": PASSWORD}, False),
        ({"name": "A"}, False),
        ({"name": "tb0123456789"}, False),
        ({"name": "a", "colour": "red"}, False),
    ],
)
def test_the_schema_of_a_change_says_what_is_taken(body: object, *, allowed: bool) -> None:
    assert fits(ChangeBoard, body) is allowed
    try:
        parse_body(ChangeBoard, json.dumps(body).encode())
    except TbgatewayError:
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize(
    ("entry", "allowed"),
    [
        ({}, True),
        ({"access": "public"}, True),
        ({"username": "a", "password": PASSWORD}, True),
        ({"username": "a", "password": PASSWORD, "access": "password"}, True),
        ({"username": "a", "password": PASSWORD, "access": "public"}, False),
        ({"access": "password"}, False),
        ({"password": PASSWORD}, False),
    ],
)
def test_the_schema_of_a_board_says_what_goes_together(
    entry: dict[str, str], *, allowed: bool
) -> None:
    assert fits(CreateBoard, {"name": "vision", **entry}) is allowed
