import pytest
from multidict import CIMultiDict
from running_api import RunningApi

from tbgateway.controlplane.api import asking


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_must_say_that_it_is_json(gateway: RunningApi, kind: str) -> None:
    answer = gateway.ask("POST", "/boards", b'{"name": "x"}', headers={"Content-Type": kind})
    assert (answer.status, answer.json()["code"]) == (415, "unsupported-media-type")
    assert "application/json" in answer.json()["hint"]


def test_a_body_may_be_left_out_where_nothing_is_needed(gateway: RunningApi) -> None:
    assert gateway.ask("POST", "/experiments/first/fail").status == 200
    assert gateway.ask("POST", "/experiments/first/complete", {}).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/experiments/first/complete"), ("DELETE", "/boards/none")],
)
def test_what_says_nothing_takes_neither_body_nor_query(
    gateway: RunningApi, method: str, path: str
) -> None:
    assert gateway.ask(method, path, {"force": True}).status == 422
    assert gateway.ask(method, f"{path}?force=1").status == 422


def test_a_body_that_is_too_long_is_refused(gateway: RunningApi) -> None:
    answer = gateway.ask("POST", "/boards", {"name": "x" * 1_100_000})
    assert answer.json()["code"] == "payload-too-large"


@pytest.mark.parametrize("query", ["limit=%ff", "&".join(f"a{n}=1" for n in range(40))])
def test_a_query_that_cannot_be_read_is_a_bad_request(gateway: RunningApi, query: str) -> None:
    assert gateway.ask("GET", f"/boards?{query}").json()["code"] == "bad-request"


@pytest.mark.parametrize(
    ("preference", "seconds"),
    [
        ("wait=5", 5.0),
        ("respond-async, WAIT = 7; x=y", 7.0),
        ('wait="3"', 3.0),
        ("wait=3600", 60.0),
        ("wait=-1", None),
        ("wait=soon", None),
        ("return=minimal", None),
    ],
)
def test_preferences_are_understood_or_ignored(preference: str, seconds: float | None) -> None:
    class Request:
        headers = CIMultiDict({"Prefer": preference})

    class Exchange:
        request = Request

    assert asking.wait_of(Exchange) == seconds
