import pytest
from running_api import RunningApi
from running_gateway import fetch

from tbgateway.domain.errors import ERRORS


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_every_code_is_explained_to_everybody(gateway: RunningApi, code: str) -> None:
    answer = fetch(f"{gateway.url}/api/v1/problems/{code}")
    kind = ERRORS[code]
    told = answer.json()
    assert (told["code"], told["status"], told["exit_code"]) == (code, kind.status, kind.exit_code)
    assert told["meaning"]


def test_the_type_of_a_problem_leads_to_its_explanation(gateway: RunningApi) -> None:
    problem = gateway.ask("GET", "/boards/none").json()
    explanation = fetch(f"{gateway.url}{problem['type']}").json()
    assert (explanation["code"], explanation["title"]) == (problem["code"], problem["title"])


def test_an_unknown_code_is_not_found_and_the_known_ones_are_listed(gateway: RunningApi) -> None:
    answer = fetch(f"{gateway.url}/api/v1/problems/none")
    assert answer.status == 404
    assert "name-taken" in answer.json()["hint"]


@pytest.mark.parametrize("path", ["/api/v1/boards", "/api/v1/none", "/api/v1/a%00", "/healthz"])
def test_every_answer_has_a_request_id(gateway: RunningApi, path: str) -> None:
    assert fetch(f"{gateway.url}{path}").headers["X-Request-ID"]


def test_a_refused_path_below_the_api_is_a_problem_too(gateway: RunningApi) -> None:
    answer = fetch(f"{gateway.url}/api/v1/boards/a%00")
    assert answer.status == 400
    assert answer.json()["code"] == "bad-request"
