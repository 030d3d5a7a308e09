"""What may be asked of the API. Field names are part of it: see docs/api.md.

Bodies are strict: an unknown field or a value of another type is refused, naming the field.
"""

from typing import Annotated, Literal, Self, get_origin

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from tbgateway.domain.model import Access, ExperimentState, Role
from tbgateway.schemas.descriptions import Notes, ParamChanges, ParamCondition, Params, Tag, Tags
from tbgateway.schemas.fields import (
    DIGITS,
    BoardName,
    ExperimentName,
    IdleTimeout,
    Lease,
    Nonce,
    Path,
    Reason,
    Reference,
    References,
    Secret,
    ShortText,
    Since,
    UnixTime,
    UserName,
)

MOST_ITEMS = 1000
DEFAULT_ITEMS = 100
MOST_LOG_LINES = 10_000
MOST_CONDITIONS = 10
LONGEST_LIFETIME = 10 * 366 * 86_400.0
"""Seconds; ten years."""
ENTRY = frozenset({"access", "username", "password"})
"""Fields of a board that say how people get in."""


class Body(BaseModel):
    """A JSON object in a request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Query(BaseModel):
    """A request's query: everything is text there, so numbers are read from it.

    A parameter that is a tuple is given once for each of its values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def repeatable(cls) -> frozenset[str]:
        """Return the names of the parameters that may be given several times."""
        fields = cls.model_fields.items()
        return frozenset(name for name, one in fields if get_origin(one.annotation) is tuple)


def _given(name: str) -> JsonDict:
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


_WITH_PASSWORD: JsonDict = {
    "required": ["username", "password"],
    "properties": {
        "access": {"enum": [None, Access.PASSWORD]},
        "username": {"type": "string"},
        "password": {"type": "string"},
    },
}
_WITHOUT_PASSWORD: JsonDict = {
    "properties": {
        "access": {"enum": [None, Access.MEMBERS, Access.PUBLIC]},
        "username": {"type": "null"},
        "password": {"type": "null"},
    },
}


_ENTRY_FITS: JsonDict = {
    "anyOf": [{"properties": {"access": {"enum": [None, Access.PASSWORD]}}}, _WITHOUT_PASSWORD]
}


class CreateBoard(Body):
    """POST /boards; `access` is "password" if a username is given, else "members"."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_WITH_PASSWORD, _WITHOUT_PASSWORD]})

    name: BoardName
    experiments: References = ()
    access: Access | None = None
    username: UserName | None = None
    password: Secret | None = None


class ChangeBoard(Body):
    """PATCH /boards/{board}: its name, or its pause, or its idle timeout, or how people get in.

    An `idle_timeout` of null is a change, too: to what the gateway's settings say.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                _given("name"),
                _given("paused"),
                {"required": ["idle_timeout"]},
                {"anyOf": [_given(name) for name in sorted(ENTRY)]},
            ],
            **_ENTRY_FITS,
        }
    )

    name: BoardName | None = None
    access: Access | None = None
    username: UserName | None = None
    password: Secret | None = None
    paused: bool | None = None
    idle_timeout: IdleTimeout | None = None

    @property
    def sets_idle_timeout(self) -> bool:
        """Whether `idle_timeout` was given, be it null."""
        return "idle_timeout" in self.model_fields_set

    @model_validator(mode="after")
    def _changes_one_thing(self) -> Self:
        """Refuse what could succeed by half: each of the four is a change of its own."""
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        entry = not given.isdisjoint(ENTRY)
        if sum((entry, "name" in given, "paused" in given, self.sets_idle_timeout)) != 1:
            raise ValueError(
                "one request changes either the name, or paused, or idle_timeout, or some of"
                " access, username and password"
            )
        return self


class ChangeMemberships(Body):
    """POST /boards/{board}/experiments."""

    add: References = ()
    remove: References = ()


class RegisterExperiment(Body):
    """POST /experiments; `running` keeps it running until somebody completes it.

    With a `lease` (seconds) a script begins it; `nonce` is what the file `.tbgateway-nonce` in the
    directory must hold.
    """

    path: Path
    name: ExperimentName | None = None
    running: bool = False
    lease: Lease | None = None
    nonce: Nonce | None = None
    params: Params = {}
    tags: Tags = ()
    notes: Notes | None = None


class ChangeTags(Body):
    """Which tags come and which go; one that does both goes."""

    add: Tags = ()
    remove: Tags = ()


class DescribeExperiment(Body):
    """PATCH /experiments/{experiment}; what is not named stays, a parameter of null goes."""

    params: ParamChanges = {}
    tags: ChangeTags = ChangeTags()
    notes: Notes | None = None


class RenewLease(Body):
    """POST /experiments/{experiment}/heartbeat; `lease` are seconds."""

    lease: Lease


class CompleteExperiment(Body):
    """POST /experiments/{experiment}/complete; `ended_at` is for its own script."""

    ended_at: UnixTime | None = None


class FailExperiment(CompleteExperiment):
    """POST /experiments/{experiment}/fail."""

    reason: Reason = ""


class StopExperiment(CompleteExperiment):
    """POST /experiments/{experiment}/stop."""

    reason: Reason = ""


class CreateMember(Body):
    """POST /members."""

    name: UserName
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

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS), DIGITS] = DEFAULT_ITEMS
    cursor: Annotated[str, Field(max_length=2048)] | None = None


class ExperimentsQuery(ListQuery):
    """GET /experiments; `name` is a reference, `text` is searched for in names and tags.

    Those are listed that have every `tag`, meet every condition `param`, and whose last event was
    not before `since`.
    """

    state: ExperimentState | None = None
    text: ShortText | None = None
    name: Reference | None = None
    tag: Annotated[tuple[Tag, ...], Field(max_length=MOST_CONDITIONS)] = ()
    param: Annotated[tuple[ParamCondition, ...], Field(max_length=MOST_CONDITIONS)] = ()
    since: Since | None = None


class BoardQuery(Query):
    """GET /boards/{board}; with `until`, `Prefer: wait=N` waits for it."""

    until: Literal["visible", "added", "removed"] | None = None


class LogQuery(Query):
    """GET /boards/{board}/log."""

    lines: Annotated[int, Field(ge=1, le=MOST_LOG_LINES), DIGITS] = 100


class NoQuery(Query):
    """Routes that take no query."""
