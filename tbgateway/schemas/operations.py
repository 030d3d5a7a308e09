"""What an API route says about itself; the OpenAPI document is made of nothing else.

A route below /api/v1 carries an Operation (`Route.operation`); one that has none is refused by the
tests. It tells only what cannot be seen from the route: who may use it and its path parameters are
the route's own, and the errors that every route may answer with are added by the document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tbgateway.domain.errors import TbgatewayError
from tbgateway.schemas.answers import Answer
from tbgateway.schemas.requests import Body, NoQuery, Query

JSON = "application/json"
TEXT = "text/plain"
SQLITE = "application/vnd.sqlite3"
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Header:
    """A header of a request or an answer: what it means, and its JSON schema."""

    meaning: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that says yes. Without a `shape` and a `media_type` it has no body.

    `media_type` is what the body is: JSON if there is a shape, and said if there is none.
    """

    meaning: str
    shape: type[Answer] | None = None
    media_type: str = ""
    headers: Mapping[str, Header] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The media type of the body, or "" if there is none."""
        return self.media_type or (JSON if self.shape else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path, as people and programs read about it.

    `id` is stable and unique: generated clients name their functions by it. `content` is the media
    type of a body that is no JSON, taken as it is. `errors` are those of
    its own, beside what every route may answer. `names` says what in the answer (a JSON pointer)
    fills which path parameter of other operations, such as `{"board": "id"}`.
    """

    id: str
    tag: str
    summary: str
    replies: Mapping[int, Reply]
    query: type[Query] = NoQuery
    body: type[Body] | None = None
    content: str = ""
    headers: Mapping[str, Header] = field(default_factory=dict)
    errors: tuple[type[TbgatewayError], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


PREFER_WAIT = Header(
    "`wait=N`: answer when the board's experiments are visible, or after N seconds (60 at most).",
    {"type": "string", "examples": ["wait=30"]},
)
"""The header `Prefer` (RFC 7240) of operations that can wait."""

LOCATION = Header("The address of what was made.", {"type": "string", "format": "uri-reference"})
"""The header `Location` of an answer 201."""
