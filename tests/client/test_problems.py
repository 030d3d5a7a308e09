import pytest

from tbgateway.client.problems import error_from
from tbgateway.client.transport import Answer
from tbgateway.domain import errors
from tbgateway.domain.errors import TbgatewayError
from tbgateway.rendering.problems import problem

CLASSES = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, TbgatewayError)
]


def answer(error: TbgatewayError, headers: dict[str, str] | None = None) -> Answer:
    body = problem(error, "r1").model_dump_json().encode()
    return Answer(
        error.status, {"content-type": "application/problem+json", **(headers or {})}, body
    )


@pytest.mark.parametrize(
    "kind", [each for each in CLASSES if each is not errors.MethodNotAllowedError]
)
def test_every_error_of_the_gateway_comes_back_as_itself(kind: type[TbgatewayError]) -> None:
    error = error_from(answer(kind("what was wrong", hint="what to do")))
    assert type(error) is kind
    assert (error.detail, error.hint) == ("what was wrong", "what to do")


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(codes) == len(set(codes))


def test_allowed_methods_and_the_time_to_retry_come_back() -> None:
    refused = errors.MethodNotAllowedError("no", allow=frozenset({"GET", "PUT"}))
    assert error_from(answer(refused, {"allow": "GET, PUT"})).allow == {"GET", "PUT"}
    busy = errors.UnavailableError("busy")
    assert error_from(answer(busy, {"retry-after": "3"})).retry_after == 3.0


def test_a_code_of_a_newer_gateway_keeps_its_words() -> None:
    body = b'{"code": "brand-new", "detail": "something new"}'
    error = error_from(Answer(418, {"content-type": "application/problem+json"}, body))
    assert type(error) is TbgatewayError
    assert error.detail == "something new"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.UnauthenticatedError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (422, errors.InvalidInputError),
        (500, errors.TbgatewayError),
        (503, errors.UnavailableError),
    ],
)
def test_a_code_of_a_newer_gateway_means_what_its_status_means(
    status: int, kind: type[TbgatewayError]
) -> None:
    body = b'{"code": "brand-new", "detail": "something new"}'
    error = error_from(Answer(status, {"content-type": "application/problem+json"}, body))
    assert type(error) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.UnauthenticatedError),
        (403, errors.DeniedError),
        (404, errors.NotFoundError),
        (302, errors.UnreachableError),
        (502, errors.UnreachableError),
    ],
)
def test_answers_of_proxies_are_judged_by_their_status(
    status: int, kind: type[TbgatewayError]
) -> None:
    error = error_from(Answer(status, {"content-type": "text/html"}, b"<html>"))
    assert type(error) is kind
    assert str(status) in error.detail


def test_a_problem_that_is_no_json_is_a_proxys() -> None:
    error = error_from(Answer(500, {"content-type": "application/problem+json"}, b"<html>"))
    assert type(error) is errors.UnreachableError


def test_the_field_at_fault_and_the_command_that_helps_come_back() -> None:
    told = errors.InvalidInputError("no", command="tbgateway board list", field="experiments.1")
    error = error_from(answer(told))
    assert isinstance(error, errors.InvalidInputError)
    assert (error.field, error.command) == ("experiments.1", "tbgateway board list")
