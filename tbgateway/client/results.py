"""What the gateway answers, as typed, frozen records. All times are aware and in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tbgateway.domain.model import ParamValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One experiment on one board.

    `state` is "adding" while the experiment runs, then "added"; "removing" until its runs are
    gone. `visible` is None while the board's TensorBoard does not run.
    """

    id: str
    name: str
    state: str
    visible: bool | None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A board as the gateway tells it.

    After `idle_timeout` seconds without a look it sleeps: 0 is never, None as the gateway's
    settings say. `memory` (in bytes) and `cpu` (in cores) are what it uses while it runs.
    """

    id: str
    name: str
    url: str
    state: str
    reason: str
    access: str
    owner: str
    username: str | None
    experiments: tuple[Membership, ...]
    created_at: datetime
    last_visited_at: datetime | None
    idle_timeout: float | None = None
    notes: tuple[str, ...] = ()
    log: str = ""
    memory: int | None = None
    cpu: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody who looked at a board, `visits` times.

    `kind` is "member", "password" (then `visitor` is the user name that goes with the board's) or
    "anyone" (then `visitor` is empty).
    """

    kind: str
    visitor: str
    visits: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """An experiment as the gateway tells it; `bytes` is the size of its event files.

    `lease` is for how many seconds its script may be silent, None where no script answers for it.
    `description_problem` says what of its `tbgateway.json` could not be read.
    """

    id: str
    name: str
    path: str
    state: str
    reason: str
    held: bool
    bytes: int
    last_event_at: datetime | None
    created_at: datetime
    problem: str | None = None
    params: Mapping[str, ParamValue] = field(default_factory=dict, hash=False)
    tags: tuple[str, ...] = ()
    notes: str = ""
    lease: float | None = None
    description_problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logdir:
    """A directory whose sub-directories are experiments, on the gateway's machine.

    With a `depth` of 2 they are `PROJECT/RUN`. `new` is the one where scripts make new ones.
    """

    name: str
    path: str
    depth: int
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone with an account."""

    name: str
    role: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token, without its secret."""

    id: str
    member: str
    label: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken(Token):
    """A token that was just made: the only time its secret is told."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """How many records there are after a backup was restored.

    `tokens_back` are those of tokens that did not work right before.
    """

    boards: int
    experiments: int
    members: int
    tokens: int
    tokens_back: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoAmI:
    """Whom the gateway takes the caller for."""

    kind: str
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What runs on the gateway's side."""

    tbgateway: str
    tensorboard: str
