"""What may be asked of the API. Field names are part of it: see docs/api.md.

Bodies are strict: an unknown field or a value of another type is refused, naming the field.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from tbgateway.domain.model import Access, ExperimentState, Role

MOST_EXPERIMENTS = 10_000
MOST_ITEMS = 1000
DEFAULT_ITEMS = 100
MOST_LOG_LINES = 10_000
LONGEST_LIFETIME = 10 * 366 * 86_400.0
"""Seconds; ten years."""
ENTRY = frozenset({"access", "username", "password"})
"""Fields of a board that say how people get in."""


class Body(BaseModel):
    """A JSON object in a request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Query(BaseModel):
    """A request's query: everything is text there, so numbers are read from it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ShortText = Annotated[str, Field(max_length=1024)]
Reference = Annotated[str, Field(min_length=1, max_length=4096)]
"""An experiment's id, name, `root:name`, or absolute path."""
References = Annotated[tuple[Reference, ...], Field(max_length=MOST_EXPERIMENTS)]
Secret = Annotated[SecretStr, Field(max_length=1024)]


class CreateBoard(Body):
    """POST /boards; `access` is "password" if a username is given, else "members"."""

    name: ShortText
    experiments: References = ()
    access: Access | None = None
    username: ShortText | None = None
    password: Secret | None = None


class ChangeBoard(Body):
    """PATCH /boards/{board}: its name, or whether it is paused, or how people get in."""

    name: ShortText | None = None
    access: Access | None = None
    username: ShortText | None = None
    password: Secret | None = None
    paused: bool | None = None

    @model_validator(mode="after")
    def _changes_one_thing(self) -> Self:
        """Refuse what could succeed by half: each of the three is a change of its own."""
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        things = sum((not given.isdisjoint(ENTRY), "name" in given, "paused" in given))
        if things != 1:
            raise ValueError(
                "one request changes either the name, or paused, or some of access, username"
                " and password"
            )
        return self


class ChangeMemberships(Body):
    """POST /boards/{board}/experiments."""

    add: References = ()
    remove: References = ()


class RegisterExperiment(Body):
    """POST /experiments; `running` keeps it running until somebody completes it."""

    path: Annotated[str, Field(min_length=1, max_length=4096)]
    name: ShortText | None = None
    running: bool = False


class FailExperiment(Body):
    """POST /experiments/{experiment}/fail."""

    reason: ShortText = ""


class CreateMember(Body):
    """POST /members."""

    name: ShortText
    role: Role = Role.VIEWER
    password: Secret


class ChangeMember(Body):
    """PATCH /members/{member}."""

    password: Secret


class CreateToken(Body):
    """POST /tokens; `expires_in` are seconds, `member` is the caller if left out."""

    label: Annotated[str, Field(min_length=1, max_length=100)]
    member: ShortText | None = None
    expires_in: Annotated[float, Field(gt=0, le=LONGEST_LIFETIME)] | None = None


class NoBody(Body):
    """Routes whose body is empty, or an empty object."""


class ListQuery(Query):
    """What every list takes."""

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS)] = DEFAULT_ITEMS
    cursor: ShortText | None = None


class ExperimentsQuery(ListQuery):
    """GET /experiments; `name` is a reference, `text` is searched for in names."""

    state: ExperimentState | None = None
    text: ShortText | None = None
    name: Reference | None = None


class BoardQuery(Query):
    """GET /boards/{board}; with `until`, `Prefer: wait=N` waits for it."""

    until: Literal["visible", "added", "removed"] | None = None


class LogQuery(Query):
    """GET /boards/{board}/log."""

    lines: Annotated[int, Field(ge=1, le=MOST_LOG_LINES)] = 100


class NoQuery(Query):
    """Routes that take no query."""
