import pytest
from scripted_server import Script

from tbgateway.client.addresses import Address
from tbgateway.client.api import Api, segment
from tbgateway.client.results import Member
from tbgateway.client.transport import Request, Transport
from tbgateway.domain.errors import InvalidInputError, NotFoundError, UnreachableError

ADA = {"name": "ada", "role": "admin", "created_at": "2026-11-23T08:00:00Z"}
BOB = {"name": "bob", "role": "viewer", "created_at": "2026-11-23T08:00:00Z"}


@pytest.fixture
def api(address: Address) -> Api:
    return Api(Transport(address))


def test_lists_are_read_page_by_page(api: Api, script: Script) -> None:
    script.says({"items": [ADA], "next": "YWRh"}, {"items": [BOB], "next": None})
    assert [one.name for one in api.pages(Member, "/members")] == ["ada", "bob"]
    assert [path for _, path, _, _ in script.asked] == [
        "/api/v1/members?limit=1000",
        "/api/v1/members?limit=1000&cursor=YWRh",
    ]


def test_a_refusal_is_raised_as_the_gateways_own_error(api: Api, script: Script) -> None:
    script.status = 404
    script.headers = {"Content-Type": "application/problem+json"}
    script.says({"code": "not-found", "detail": "There is no board 'x'.", "hint": "See: …"})
    with pytest.raises(NotFoundError, match="no board 'x'"):
        api.ask(Request("GET", "/boards/x"))


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"items": 3}'])
def test_answers_that_are_no_list_are_told(api: Api, script: Script, body: bytes) -> None:
    script.bodies = [body]
    with pytest.raises(UnreachableError):
        list(api.pages(Member, "/members"))


def test_names_become_one_segment_of_a_path() -> None:
    assert segment("a/b c?#%ü") == "a%2Fb%20c%3F%23%25%C3%BC"


@pytest.mark.parametrize("nothing", ["", ".", ".."])
def test_what_names_nothing_is_asked_for_nowhere(nothing: str) -> None:
    with pytest.raises(InvalidInputError, match="names nothing"):
        segment(nothing)
