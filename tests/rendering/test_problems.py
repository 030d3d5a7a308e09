import json
from collections.abc import Callable
from typing import Any

import pytest

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    MethodNotAllowedError,
    NotFoundError,
    TbgatewayError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from tbgateway.rendering.contexts.page import Reader
from tbgateway.rendering.problems import Aid, error_response, waiting_response

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
Parse = Callable[[str], Any]

MISSING = NotFoundError("There is no board 'x'.", hint="List them.", command="tbgateway board list")


def _text(response: Any) -> str:
    assert isinstance(response.text, str)
    return response.text


@pytest.mark.parametrize(
    ("path", "accept", "content_type"),
    [
        ("/boards/x/", BROWSER, "text/html"),
        ("/boards/x/data/runs", "*/*", "text/plain"),
        ("/boards/x/data/runs", "", "text/plain"),
        ("/boards/x/data/runs", "application/json, text/plain, */*", "application/problem+json"),
        ("/boards/x/", "application/problem+json", "application/problem+json"),
        ("/api/v1/boards", BROWSER, "application/problem+json"),
        ("/api", BROWSER, "application/problem+json"),
        ("/tensorboards/v1/", "text/plain", "application/problem+json"),
        ("/apiary", BROWSER, "text/html"),
        ("/healthz", "text/plain", "text/plain"),
    ],
)
def test_an_error_comes_in_the_form_that_suits_the_client(
    path: str, accept: str, content_type: str
) -> None:
    response = error_response(MISSING, path=path, accept=accept, request_id="r1")

    assert response.content_type == content_type
    assert response.status == 404
    assert response.headers["Vary"] == "Accept"


def test_a_program_gets_a_problem_with_a_stable_code() -> None:
    response = error_response(MISSING, path="/api/v1/boards/x", accept="", request_id="r1")

    assert json.loads(_text(response)) == {
        "type": "/api/v1/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no board 'x'.",
        "hint": "List them.",
        "command": "tbgateway board list",
        "code": "not-found",
        "request_id": "r1",
    }


def test_gradients_client_gets_a_message_instead_of_a_title() -> None:
    response = error_response(MISSING, path="/tensorboards/v1/x", accept="", request_id="r1")

    assert json.loads(_text(response)) == {
        "message": "There is no board 'x'. List them.",
        "type": "/api/v1/problems/not-found",
        "status": 404,
        "detail": "There is no board 'x'.",
        "hint": "List them.",
        "command": "tbgateway board list",
        "code": "not-found",
        "request_id": "r1",
    }


def test_gradients_client_is_told_in_its_own_words_that_the_key_is_wrong() -> None:
    error = UnauthenticatedError("It does not fit.", hint="Make another.")
    response = error_response(error, path="/tensorboards/v1", accept="", request_id="r1")

    told = json.loads(_text(response))
    assert told["title"] == "Invalid credentials provided"
    assert "message" not in told
    assert told["detail"] == "It does not fit."


def test_a_person_at_a_terminal_gets_lines() -> None:
    response = error_response(MISSING, path="/boards/x/", accept="*/*", request_id="r1")

    assert _text(response).splitlines() == [
        "404 Not found",
        "There is no board 'x'.",
        "List them.",
        "Try: tbgateway board list",
        "(request r1)",
    ]


def test_a_person_at_a_browser_gets_a_page_with_a_way_out(parse: Parse) -> None:
    response = error_response(MISSING, path="/boards/x/y", accept=BROWSER, request_id="r1")
    document = parse(_text(response))

    assert "There is no board 'x'." in document.text
    assert "tbgateway board list" in document.text
    assert "r1" in document.text
    assert "../../" in document.attributes("href")


def test_a_member_keeps_the_way_around_and_can_sign_out_there(parse: Parse) -> None:
    ada = Reader(name="ada", role="viewer", leaves=True)
    told = {"path": "/boards/x/", "request_id": "r1", "aid": Aid(reader=ada)}
    response = error_response(MISSING, accept=BROWSER, **told)
    stranger = error_response(MISSING, path="/boards/x/", accept=BROWSER, request_id="r1")
    document = parse(_text(response))

    assert "../../ui/sign-out" in document.attributes("action")
    assert "ada" in document.text
    assert response.headers["Referrer-Policy"] == "strict-origin", "else its form is not trusted"
    assert "ui/sign-out" not in _text(stranger)
    assert "Referrer-Policy" not in stranger.headers


def test_retry_after_and_allow_follow_from_the_error() -> None:
    slow = error_response(
        TooManyRequestsError("Slow down.", retry_after=1.2), path="/", accept="", request_id="r"
    )
    other = error_response(
        MethodNotAllowedError("No.", allow=frozenset({"POST", "GET"})),
        path="/",
        accept="",
        request_id="r",
    )

    assert slow.headers["Retry-After"] == "2"
    assert other.headers["Allow"] == "GET, POST"


def test_the_caller_adds_its_challenge() -> None:
    response = error_response(
        UnauthenticatedError("A user name and a password are needed."),
        path="/boards/vision/",
        accept=BROWSER,
        request_id="r",
        headers={"WWW-Authenticate": 'Basic realm="vision", charset="UTF-8"'},
    )

    assert response.status == 401
    assert response.headers["WWW-Authenticate"].startswith('Basic realm="vision"')


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (BoardFailedError("It ended five times."), "Failed"),
        (BoardPausedError("Somebody stopped it."), "Paused"),
    ],
)
def test_a_board_that_does_not_run_says_why(parse: Parse, error: TbgatewayError, word: str) -> None:
    page = error_response(error, path="/boards/x/", accept=BROWSER, request_id="r")
    document = parse(_text(page))

    assert page.status == 503
    assert word in document.text
    assert error.detail in document.text


@pytest.mark.parametrize(
    ("accept", "shown"), [(BROWSER, True), ("*/*", True), ("application/json", False)]
)
def test_log_lines_are_shown_only_if_the_caller_gives_them(accept: str, *, shown: bool) -> None:
    error = BoardFailedError("It ended five times.")
    silent = error_response(error, path="/b/", accept=accept, request_id="r")
    telling = error_response(
        error,
        path="/b/",
        accept=accept,
        request_id="r",
        aid=Aid(log_tail="ImportError: no <module>"),
    )

    assert "ImportError" not in _text(silent)
    assert ("ImportError" in _text(telling)) is shown
    assert "<module>" not in _text(telling) or telling.content_type == "text/plain"


def test_a_starting_board_asks_browsers_to_wait_and_programs_to_retry(parse: Parse) -> None:
    page = waiting_response("vision", path="/boards/vision/", accept=BROWSER, request_id="r")
    line = waiting_response("vision", path="/boards/vision/x", accept="*/*", request_id="r")

    assert {page.status, line.status} == {503}
    assert page.headers["Retry-After"] == line.headers["Retry-After"] == "2"
    assert ("meta", {"http-equiv": "refresh", "content": "2"}) in parse(_text(page)).elements
    assert "The board 'vision' is starting." in _text(line)


def test_hostile_input_is_echoed_as_text_only(parse: Parse, hostile: str) -> None:
    error = NotFoundError(f"There is no page {hostile}")
    response = error_response(error, path=f"/{hostile}", accept=BROWSER, request_id=hostile)
    document = parse(_text(response))

    assert all("src" in attributes for tag, attributes in document.elements if tag == "script")
    assert hostile in document.text
