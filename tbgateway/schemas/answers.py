"""What the API answers. Times are ISO 8601 in UTC, ending with "Z"."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import (
    Access,
    ExperimentState,
    MembershipState,
    ParamValue,
    Role,
    VisitorKind,
)

A = TypeVar("A", bound="Answer")


def _is_none(value: object) -> bool:
    return value is None


class Answer(BaseModel):
    """A JSON object in an answer's body."""

    model_config = ConfigDict(frozen=True)


def iso(seconds: float) -> str:
    """Return Unix seconds as ISO 8601 UTC with milliseconds."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[
    float,
    PlainSerializer(iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""Unix seconds inside, ISO 8601 UTC outside."""


class RestoredAnswer(Answer):
    """How many records there are after a backup was restored.

    `tokens_back` are those of tokens that did not work right before.
    """

    boards: int
    experiments: int
    members: int
    tokens: int
    tokens_back: int


class MembershipAnswer(Answer):
    """One experiment on a board; `visible` is null while no TensorBoard could be asked."""

    id: str
    name: str
    state: MembershipState
    visible: bool | None
    problem: str | None


class BoardAnswer(Answer):
    """A board; `url` is absolute, as the asking client reaches it.

    `idle_timeout` is null where the gateway's setting counts, and 0 for never. `log` has the last
    words of a failed board, for those who may change it. What it uses, `memory` in bytes and `cpu`
    in cores, is null unless it runs.
    """

    id: str
    name: str
    url: str
    state: BoardState
    reason: str
    access: Access
    owner: str
    username: str | None
    experiments: tuple[MembershipAnswer, ...]
    created_at: Time
    last_visited_at: Time | None
    idle_timeout: float | None
    notes: tuple[str, ...]
    log: str
    memory: int | None
    cpu: float | None


class VisitAnswer(Answer):
    """Somebody who looked at a board, so many times; `visitor` is empty for `anyone`."""

    kind: VisitorKind
    visitor: str
    visits: int
    first_at: Time
    last_at: Time


class ExperimentAnswer(Answer):
    """An experiment; `bytes` is the size of its event files.

    `lease` is for how many seconds its script may be silent, null where no script answers for it.
    `description_problem` says what of its `tbgateway.json` could not be read.
    """

    id: str
    name: str
    path: str
    state: ExperimentState
    reason: str
    held: bool
    bytes: int
    last_event_at: Time | None
    created_at: Time
    problem: str | None
    params: Mapping[str, ParamValue]
    tags: tuple[str, ...]
    notes: str
    lease: float | None
    description_problem: str | None


class LogdirAnswer(Answer):
    """A directory whose sub-directories are experiments, on the gateway's machine.

    With a `depth` of 2 they are `PROJECT/RUN`. `new` is the one where scripts make new ones.
    """

    name: str
    path: str
    depth: int
    new: bool


class MemberAnswer(Answer):
    """A member."""

    name: str
    role: Role
    created_at: Time


class TokenAnswer(Answer):
    """A token without its secret."""

    id: str
    member: str
    label: str
    created_at: Time
    expires_at: Time | None


class NewTokenAnswer(TokenAnswer):
    """A token with its secret, which is told this once."""

    token: str


class WhoAmIAnswer(Answer):
    """Whom the gateway takes the caller for."""

    kind: Literal["member", "local"]
    name: str
    role: Role


class VersionAnswer(Answer):
    """What runs here."""

    tbgateway: str
    tensorboard: str


class ListAnswer(Answer, Generic[A]):
    """A part of a list; `next` is the cursor of the following part, or null."""

    items: tuple[A, ...]
    next: str | None


class BoardList(ListAnswer[BoardAnswer]):
    """Boards by name."""


class VisitList(ListAnswer[VisitAnswer]):
    """Visitors, the last one first."""


class ExperimentList(ListAnswer[ExperimentAnswer]):
    """Experiments by name."""


class LogdirList(ListAnswer[LogdirAnswer]):
    """Logdirs by name."""


class MemberList(ListAnswer[MemberAnswer]):
    """Members by name."""


class TokenList(ListAnswer[TokenAnswer]):
    """Tokens by member."""


class ProblemAnswer(Answer):
    """An answer that says no (RFC 9457); `code` is stable, the texts are for people.

    `type` leads to the explanation of the code. `field` names what was wrong in the body or the
    query, where one field was. `command` is what helps on the command line, if something does.
    """

    type: str
    title: str
    status: int
    detail: str
    hint: str
    code: str
    request_id: str
    field: Annotated[str | None, Field(exclude_if=_is_none)] = None
    command: Annotated[str | None, Field(exclude_if=_is_none)] = None


class ExplanationAnswer(Answer):
    """What a problem's code means; `exit_code` is how the command line ends with it."""

    code: str
    title: str
    status: int
    exit_code: int
    meaning: str
