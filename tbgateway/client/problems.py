"""From an answer that says no (RFC 9457) back to the error that the gateway raised."""

import json
from collections.abc import Mapping
from contextlib import suppress

from tbgateway.client.transport import Answer
from tbgateway.domain.errors import (
    ERRORS,
    DeniedError,
    InvalidInputError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    TbgatewayError,
    TooManyRequestsError,
    UnauthenticatedError,
    UnreachableError,
)

_WITHOUT_CODE: Mapping[int, type[TbgatewayError]] = {
    401: UnauthenticatedError,
    403: DeniedError,
    404: NotFoundError,
    413: PayloadTooLargeError,
    429: TooManyRequestsError,
}
"""What an answer of a proxy in between, which knows no codes, most likely means."""

_BY_STATUS: Mapping[int, type[TbgatewayError]] = {
    kind.status: kind for kind in reversed(tuple(ERRORS.values()))
}
"""What a code of a newer gateway means at least: the most general error of its status."""


def error_from(answer: Answer) -> TbgatewayError:
    """Return the error that the answer stands for: of the class that the gateway raised.

    A code that is not known here, of a newer gateway, means what its status means.
    """
    problem = _problem(answer)
    if problem is None:
        return _from_stranger(answer)
    general = _BY_STATUS.get(answer.status, TbgatewayError)
    kind = ERRORS.get(_text(problem, "code"), general)
    detail = _text(problem, "detail") or _text(problem, "title") or f"HTTP {answer.status}"
    error = kind(detail, hint=_text(problem, "hint"), command=_text(problem, "command"))
    error.retry_after = _retry_after(answer)
    if isinstance(error, MethodNotAllowedError):
        allow = answer.headers.get("allow", "").replace(" ", "").split(",")
        error.allow = frozenset(allow) - {""}
    if isinstance(error, InvalidInputError):
        error.field = _text(problem, "field")
    return error


def _text(problem: Mapping[str, object], member: str) -> str:
    return str(problem.get(member) or "")


def _problem(answer: Answer) -> Mapping[str, object] | None:
    if not answer.headers.get("content-type", "").startswith("application/problem+json"):
        return None
    with suppress(ValueError):
        problem = json.loads(answer.body)
        if isinstance(problem, dict):
            return problem
    return None


def _from_stranger(answer: Answer) -> TbgatewayError:
    kind = _WITHOUT_CODE.get(answer.status, UnreachableError)
    return kind(
        f"The answer was HTTP {answer.status}, and not in the gateway's words.",
        hint="Something else answers at this address, or a proxy in front of the gateway does:"
        " check the address and its path prefix.",
        retry_after=_retry_after(answer),
    )


def _retry_after(answer: Answer) -> float | None:
    with suppress(ValueError):
        return float(answer.headers.get("retry-after", ""))
    return None
