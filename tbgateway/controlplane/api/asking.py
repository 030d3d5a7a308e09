"""Reading a request to the API: its body, its query, its preferences."""

import re
from typing import TypeVar
from urllib.parse import parse_qsl

from tbgateway.domain.errors import BadRequestError, UnsupportedMediaTypeError
from tbgateway.routes import Exchange
from tbgateway.schemas.parsing import parse_body, parse_query
from tbgateway.schemas.requests import Body, NoBody, NoQuery, Query

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)

LONGEST_WAIT = 60
"""Seconds that one request may wait."""
_WAIT = re.compile(r"""wait\s*=\s*"?(\d{1,6})"?""", re.ASCII | re.IGNORECASE)
_MOST_PARAMETERS = 32


async def body_of(exchange: Exchange, shape: type[B]) -> B:
    """Read the JSON body.

    Raise BadRequestError if it is none, UnsupportedMediaTypeError if it says that it is none,
    PayloadTooLargeError, or InvalidInputError.
    """
    body = await exchange.body()
    if body and exchange.request.content_type != "application/json":
        raise UnsupportedMediaTypeError(
            "The body's Content-Type is not application/json.",
            hint="Send JSON, with the header Content-Type: application/json",
        )
    return parse_body(shape, body)


def query_of(exchange: Exchange, shape: type[Q]) -> Q:
    """Read the query; raise BadRequestError or InvalidInputError."""
    raw = exchange.target.query if exchange.target is not None else ""
    try:
        pairs = parse_qsl(
            raw, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as error:
        raise BadRequestError(
            "The query cannot be read.", hint="Percent-encode UTF-8: ?name=value&…"
        ) from error
    return parse_query(shape, pairs)


async def nothing_else(exchange: Exchange) -> None:
    """Refuse a query and a body where there is nothing to say."""
    query_of(exchange, NoQuery)
    await body_of(exchange, NoBody)


def wait_of(exchange: Exchange) -> float | None:
    """Return how long the client prefers to wait (RFC 7240), in seconds; None if it does not say.

    Preferences that make no sense are ignored, as the RFC wants.
    """
    for line in exchange.request.headers.getall("Prefer", ()):
        for preference in line.split(","):
            found = _WAIT.fullmatch(preference.partition(";")[0].strip())
            if found:
                return float(min(int(found[1]), LONGEST_WAIT))
    return None
