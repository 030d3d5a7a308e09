"""From an answer that says no (RFC 9457) back to the error that the gateway raised."""

import json
from collections.abc import Mapping
from contextlib import suppress

from tbgateway.client.transport import Answer
from tbgateway.domain import errors
from tbgateway.domain.errors import (
    DeniedError,
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


_BY_CODE: Mapping[str, type[TbgatewayError]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, TbgatewayError)
}


def error_from(answer: Answer) -> TbgatewayError:
    """Return the error that the answer stands for; its own class where the code is known."""
    problem = _problem(answer)
    if problem is None:
        return _from_stranger(answer)
    kind = _BY_CODE.get(str(problem.get("code")), TbgatewayError)
    detail = str(problem.get("detail") or problem.get("title") or f"HTTP {answer.status}")
    hint = str(problem.get("hint") or "")
    if issubclass(kind, MethodNotAllowedError):
        allow = frozenset(answer.headers.get("allow", "").replace(" ", "").split(",")) - {""}
        return kind(detail, allow=allow, hint=hint)
    return kind(detail, hint=hint, retry_after=_retry_after(answer))


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
