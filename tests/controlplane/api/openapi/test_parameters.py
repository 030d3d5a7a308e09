import re
from typing import Any

import pytest

from tbgateway.controlplane.api.openapi.parameters import names_in, parameters
from tbgateway.controlplane.api.openapi.shapes import Shapes
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.operations import PREFER_WAIT, Operation, Reply
from tbgateway.schemas.requests import ExperimentsQuery


async def nothing(_exchange: Exchange) -> Any:
    raise NotImplementedError


def told(pattern: str, **said: Any) -> dict[str, Any]:
    operation = Operation(id="x", tag="x", summary="x", replies={200: Reply("x")}, **said)
    route = Route("GET", pattern, Who.VIEWERS, nothing, operation=operation)
    listed: list[Any] = parameters(route, operation, Shapes.of([operation]))
    return {one["name"]: one for one in listed}


def test_the_names_of_a_pattern_are_found_in_their_order() -> None:
    assert names_in("/a/{board}/b/{experiment}") == ("board", "experiment")
    assert names_in("/a") == ()


def test_what_stands_in_the_path_is_required_and_described() -> None:
    board = told("/api/v1/boards/{board}")["board"]
    assert (board["in"], board["required"]) == ("path", True)
    assert board["description"]


def test_a_path_parameter_that_nobody_described_is_noticed() -> None:
    with pytest.raises(KeyError, match="riddle"):
        told("/api/v1/{riddle}")


@pytest.mark.parametrize("name", ["resnet50", "a b, c", "ü", "...", "ex0123456789"])
def test_an_experiment_is_named_by_what_can_stand_in_a_path(name: str) -> None:
    pattern = told("/api/v1/experiments/{experiment}")["experiment"]["schema"]["pattern"]
    assert re.search(pattern, name)
    for wrong in (".", "..", f"a/{name}", f"{name};", f"{name}\x00", ""):
        assert not re.search(pattern, wrong)


def test_a_query_is_told_with_its_limits_and_is_never_null() -> None:
    query = told("/api/v1/experiments", query=ExperimentsQuery)
    assert set(query) == set(ExperimentsQuery.model_fields)
    assert query["limit"]["schema"] | {"minimum": 1, "maximum": 1000} == query["limit"]["schema"]
    assert not any("null" in str(one["schema"]) for one in query.values())


def test_a_header_is_told() -> None:
    prefer = told("/api/v1/boards", headers={"Prefer": PREFER_WAIT})["Prefer"]
    assert (prefer["in"], prefer["required"]) == ("header", False)
