import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from running_api import RunningApi
from running_gateway import fetch

from tbgateway.controlplane.api.openapi import Document
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.operations import Operation, Reply

Json = dict[str, Any]


async def nothing(_exchange: Exchange) -> Any:
    raise NotImplementedError


def operation(identity: str = "look", **more: Any) -> Operation:
    replies = {200: Reply("It is there.")}
    return Operation(id=identity, tag="things", summary="Look", **{"replies": replies, **more})


def route(pattern: str, said: Operation | None, who: Who = Who.VIEWERS) -> Route:
    return Route("GET", pattern, who, nothing, operation=said)


def described(routes: Sequence[Route], prefix: str = "") -> Any:
    return json.loads(Document(routes).encoded(prefix))


def document_of(gateway: RunningApi) -> Json:
    document: Json = fetch(f"{gateway.url}/api/v1/openapi.json").json()
    return document


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield path, method.upper(), told


def test_the_document_of_a_running_gateway_is_valid(gateway: RunningApi) -> None:
    OpenAPIV31SpecValidator(document_of(gateway)).validate()


def test_every_route_of_the_api_is_in_it_under_an_id_of_its_own(gateway: RunningApi) -> None:
    told = [(method, path) for path, method, _ in operations(document_of(gateway))]
    below = {(one.method, one.pattern) for one in gateway.house.routes if "/api/" in one.pattern}
    assert below <= set(told)
    ids = [one["operationId"] for _, _, one in operations(document_of(gateway))]
    assert len(ids) == len(set(ids))


def test_what_a_route_without_an_operation_does_is_nobodys_business() -> None:
    document = described([route("/ui/x", None), route("/api/v1/x", operation())])
    assert set(document["paths"]) == {"/api/v1/x"}


@pytest.mark.parametrize(("prefix", "server"), [("", "/"), ("/team/tb", "/team/tb")])
def test_the_server_is_where_the_client_finds_the_gateway(prefix: str, server: str) -> None:
    assert described([], prefix)["servers"] == [{"url": server}]


def test_it_is_made_once_for_everybody_wherever_they_are() -> None:
    routes = [route("/api/v1/x", operation())]
    document = Document(routes)
    before = json.loads(document.encoded("/team/tb"))
    routes.append(route("/api/v1/y", operation("y")))
    after = json.loads(document.encoded())
    assert after == before | {"servers": [{"url": "/"}]}


def test_credentials_are_asked_for_unless_everybody_may() -> None:
    document = described(
        [
            route("/api/v1/a", operation("a"), Who.ANYONE),
            route("/api/v1/b", operation("b"), Who.ADMINS),
        ]
    )
    open_to_all, closed = (document["paths"][f"/api/v1/{name}"]["get"] for name in "ab")
    assert open_to_all["security"] == []
    assert {name for one in closed["security"] for name in one} == {"token", "password"}
    assert "401" not in open_to_all["responses"]
    assert "401" in closed["responses"]


def test_it_is_public_and_holds_nothing_of_what_is_there(gateway: RunningApi) -> None:
    gateway.ask("POST", "/boards", {"name": "secret-project"})
    answer = fetch(f"{gateway.url}/api/v1/openapi.json")
    assert answer.status == 200
    assert "secret-project" not in json.dumps(answer.json())
