"""Errors as Gradient's client reads them.

It prints what stands in `error`, `errors`, `message`, `messages`, `title`, `description` and
`details`, each on a line of its own, and nothing else. So a problem (RFC 9457) says in one of these
what happened; all others of its members stay, for clients that know them.
"""

import json
from http import HTTPStatus

from tbgateway.schemas.answers import ProblemAnswer

GRADIENT = "/tensorboards/"
"""Below this lies Gradient's API."""

_WRONG_KEY = "Invalid credentials provided"  # word by word as Gradient said it


def gradient_problem(told: ProblemAnswer) -> str:
    """Return a problem as JSON that Gradient's client prints as a failure."""
    members = told.model_dump(mode="json")
    if told.status == HTTPStatus.UNAUTHORIZED:
        return json.dumps({**members, "title": _WRONG_KEY})
    del members["title"]
    return json.dumps({"message": " ".join(filter(None, (told.detail, told.hint))), **members})
