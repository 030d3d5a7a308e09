"""The kinds of values that the API takes, each with the words that say what is allowed.

Rules of the vocabulary are checked where it is defined, in `domain.names`, also for the API, and
told in its words; here they get their place in the schema.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.idle_time import LEAST, MOST, NEVER, check_idle_timeout
from tbgateway.domain.leases import LONGEST as LONGEST_LEASE
from tbgateway.domain.leases import SHORTEST as SHORTEST_LEASE
from tbgateway.domain.leases import check_lease
from tbgateway.domain.names import (
    BOARD_NAME,
    MEMBER_NAME,
    check_board_name,
    check_given_name,
    check_username,
)
from tbgateway.domain.reasons import LONGEST as LONGEST_REASON
from tbgateway.domain.reasons import check_reason
from tbgateway.domain.unix_time import LATEST

V = TypeVar("V")

MOST_EXPERIMENTS = 10_000
LONGEST_REFERENCE = 4096
_DIGITS = re.compile(r"-?[0-9]{1,18}")
REFUSED = "refused"
"""The type of a validation error that carries the domain's own words, `detail` and `hint`."""


def checked(check: Callable[[V], V]) -> AfterValidator:
    """Return a validator that refuses in the domain's words, so that the field can be named."""

    def validate(value: V) -> V:
        with in_our_words():
            return check(value)

    return AfterValidator(validate)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Let the domain refuse a value in its own words."""
    try:
        yield
    except InvalidInputError as error:
        context = {"detail": error.detail, "hint": error.hint}
        raise PydanticCustomError(REFUSED, "{detail}", context) from None


def _digits(text: object) -> object:
    """Refuse what is a number to Python and to nobody else, such as `1_0` and `1.0`."""
    if isinstance(text, str) and not _DIGITS.fullmatch(text):
        raise ValueError("it should be a number in decimal digits")
    return text


DIGITS = BeforeValidator(_digits)
"""Reads a whole number in a query. It stands last, or its limits are missing in the schema."""


def _moment(text: object) -> float:
    """Return the Unix seconds of an ISO 8601 date or time."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise ValueError(
            "it should be a date or time of ISO 8601, such as 2026-11-23T08:00:00Z (in a query, a"
            " + is written %2B)"
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _described(text: str, **schema: object) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "description": text, **schema})


ShortText = Annotated[str, Field(max_length=1024)]
Reason = Annotated[
    str,
    checked(check_reason),
    _described(
        "One line of printable text.", maxLength=LONGEST_REASON, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"
    ),
]
BoardName = Annotated[
    str,
    checked(check_board_name),
    _described(
        "Lower-case letters, digits and hyphens; not of the form of an id.",
        pattern=rf"^(?!(tb|ex)[0-9a-f]{{10}}$){BOARD_NAME.pattern}$",
        examples=["vision"],
    ),
]
UserName = Annotated[
    str,
    checked(check_username),
    _described("A user name.", pattern=f"^{MEMBER_NAME.pattern}$", examples=["ada"]),
]
ExperimentName = Annotated[
    str,
    checked(check_given_name),
    _described(
        "One or more parts joined by `/`, none of them empty, `.` or `..`, without control or"
        " invisible characters or white space around it; at most 1024 bytes of UTF-8, 255 in one"
        " part; not of the form of an id.",
        format="experiment-name",
        examples=["resnet50/seed 1"],
    ),
]
Reference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_REFERENCE,
        description="An experiment's id, name, `root:name`, or absolute path.",
    ),
]
Path = Annotated[
    str,
    Field(
        max_length=LONGEST_REFERENCE,
        pattern="^/",
        description="The absolute path of a directory on the gateway's machine.",
        examples=["/data/runs/resnet50"],
    ),
]
References = Annotated[tuple[Reference, ...], Field(max_length=MOST_EXPERIMENTS)]
IdleTimeout = Annotated[
    float,
    checked(check_idle_timeout),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": NEVER},
                {"type": "number", "minimum": LEAST, "maximum": MOST},
            ],
            "description": "Seconds without a look after which the board sleeps; 0 is never.",
            "examples": [3600],
        }
    ),
]
Lease = Annotated[
    float,
    checked(check_lease),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": SHORTEST_LEASE,
            "maximum": LONGEST_LEASE,
            "description": "Seconds for which its script may be silent.",
            "examples": [60],
        }
    ),
]
Nonce = Annotated[
    str,
    Field(
        pattern="^[0-9A-Za-z_-]{16,128}$",
        description="What the file `.tbgateway-nonce` in the directory holds.",
        examples=["q6rIyJm0b3nN7V2wT9zX1A"],
    ),
]
UnixTime = Annotated[
    float,
    Field(ge=0, le=LATEST, description="Seconds since 1970 (UTC).", examples=[1795420800.25]),
]
Since = Annotated[
    float,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
            ],
            "description": "An ISO 8601 date or time; in UTC unless it has an offset.",
            "examples": ["2026-11-23T08:00:00Z"],
        }
    ),
]
Secret = Annotated[
    SecretStr,
    Field(max_length=1024),
    _described(
        "8 characters at least and 72 bytes of UTF-8 at most, without control characters.",
        format="password",
        writeOnly=True,
        examples=["correct-horse-battery"],
    ),
]
