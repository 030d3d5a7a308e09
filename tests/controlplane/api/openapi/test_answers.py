from typing import Any

from tbgateway.controlplane.api.openapi.answers import Answers, refusals_of
from tbgateway.domain.errors import (
    ConflictError,
    NameTakenError,
    NotFoundError,
    PayloadTooLargeError,
    UnauthenticatedError,
)
from tbgateway.routes import Exchange, Route, Who
from tbgateway.schemas.answers import MemberAnswer
from tbgateway.schemas.operations import LOCATION, TEXT, Operation, Reply


async def nothing(_exchange: Exchange) -> Any:
    raise NotImplementedError


def pair(method: str, pattern: str, who: Who = Who.EDITORS, **said: Any) -> tuple[Route, Operation]:
    told: dict[str, Any] = {"replies": {200: Reply("Done.")}, **said}
    operation = Operation(id=f"{method} {pattern}", tag="things", summary="Do", **told)
    return Route(method, pattern, who, nothing, operation=operation), operation


def answers(*pairs: tuple[Route, Operation]) -> Any:
    return Answers(pairs).of(*pairs[0])


def test_a_reply_is_told_with_its_shape_and_its_headers() -> None:
    reply = Reply("The member.", MemberAnswer, headers={"Location": LOCATION})
    told = answers(pair("POST", "/api/v1/members", replies={201: reply}))["201"]
    schema = told["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/MemberAnswer"}
    assert set(told["headers"]) == {"X-Request-ID", "Location"}


def test_a_reply_without_a_body_has_no_content() -> None:
    told = answers(pair("DELETE", "/api/v1/x", replies={204: Reply("Gone.")}))
    assert "content" not in told["204"]


def test_what_a_route_can_be_refused_with_follows_from_the_route() -> None:
    reading = refusals_of(*pair("GET", "/api/v1/boards/{board}"))
    assert NotFoundError in reading
    assert UnauthenticatedError in reading
    assert PayloadTooLargeError not in reading
    changing = refusals_of(*pair("POST", "/api/v1/boards", Who.ANYONE, errors=(ConflictError,)))
    assert {PayloadTooLargeError, ConflictError} <= changing
    assert not changing & {UnauthenticatedError, NotFoundError}


def test_errors_of_one_status_are_one_answer_with_their_codes() -> None:
    both = pair("PUT", "/api/v1/x", errors=(ConflictError, NameTakenError))
    made = Answers([both])
    told: Any = made.of(*both)
    name = told["409"]["$ref"].rpartition("/")[2]
    refusal: Any = made.refusals[name]
    (content,) = refusal["content"].values()
    _, codes = content["schema"]["allOf"]
    assert codes["properties"]["code"]["enum"] == ["conflict", "name-taken"]


def test_beside_the_api_a_refusal_suits_the_client() -> None:
    one = pair("GET", "/readyz", Who.ANYONE)
    made = Answers([one])
    made.of(*one)
    assert all(TEXT in refusal["content"] for refusal in made.refusals.values())  # type: ignore[operator] # JSON


def test_what_was_made_leads_to_all_that_can_be_done_with_it() -> None:
    making = pair("POST", "/api/v1/boards", names={"board": "id"})
    showing = pair("GET", "/api/v1/boards/{board}")
    adding = pair("PUT", "/api/v1/boards/{board}/experiments/{experiment}")
    links = answers(making, showing, adding)["200"]["links"]
    assert set(links) == {showing[1].id}
    assert links[showing[1].id]["parameters"] == {"path.board": "$response.body#/id"}
