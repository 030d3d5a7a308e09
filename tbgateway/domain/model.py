"""The records: what is stored and what is said about it. All times are Unix seconds (UTC)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tbgateway.domain.names import BoardId, ExperimentId, LaunchId

SAME_VISIT = 1800.0
"""Seconds after a look at a board within which the next one is part of the same visit."""


ParamValue = bool | int | float | str
"""What a parameter may be; numbers are finite."""


class ExperimentState(StrEnum):
    """Where an experiment is in its life; all but RUNNING are terminal."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


class Access(StrEnum):
    """Who may look at a board."""

    PASSWORD = "password"  # noqa: S105 - a word of the vocabulary, not a password
    MEMBERS = "members"
    PUBLIC = "public"


class Role(StrEnum):
    """What a member may do: look, make boards, or everything."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class VisitorKind(StrEnum):
    """Who looks at a board: a member, somebody with the board's password, or anyone at all."""

    MEMBER = "member"
    PASSWORD = "password"  # noqa: S105 - a word of the vocabulary, not a password
    ANYONE = "anyone"


class MembershipState(StrEnum):
    """Where one experiment's membership in one board stands."""

    ADDING = "adding"
    ADDED = "added"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A directory of event files.

    `name` is unique below its `root`; `path` is absolute and free of links. `held` experiments
    keep running until somebody says otherwise, however long they write nothing. `complete_bytes`
    is what a completed experiment held when it was completed: growing beyond it is new data.
    `lease` is for how many seconds its script may be silent before it counts as lost; None where
    no script answers for it. `ended_at` is when the script said that it was over, by its own clock,
    or its last life while it runs again; `end_heard_at` is when that was heard, by the gateway's.
    """

    id: ExperimentId
    root: str
    name: str
    path: str
    state: ExperimentState = ExperimentState.RUNNING
    reason: str = ""
    held: bool = False
    registered: bool = False
    bytes: int = 0
    complete_bytes: int = 0
    last_event_at: float | None = None
    created_at: float
    problem: str | None = None
    lease: float | None = None
    ended_at: float | None = None
    end_heard_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What people and scripts say of an experiment, beside its event files.

    `file` is what its `tbgateway.json` said when it was read last, as JSON; `problem` says what
    could not be read there, or is empty.
    """

    experiment_id: ExperimentId
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    notes: str = ""
    file: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What somebody asked for.

    `generation` is the highest number that was given to a launch, or reserved for the next.
    After `idle_timeout` seconds without a look it goes to sleep: 0 is never, None as the gateway's
    settings say.
    """

    id: BoardId
    name: str
    owner: str
    access: Access
    username: str | None = None
    password_hash: str | None = None
    generation: int = 0
    paused: bool = False
    created_at: float
    last_visited_at: float | None = None
    idle_timeout: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One experiment in one board; `removing` rows live until TensorBoard has dropped the runs."""

    board_id: BoardId
    experiment_id: ExperimentId
    added_at: float
    removing: bool = False

    def state(self, experiment: Experiment) -> MembershipState:
        """`adding` while the experiment runs: its data is visible, but more will come."""
        if self.removing:
            return MembershipState.REMOVING
        if experiment.state is ExperimentState.RUNNING:
            return MembershipState.ADDING
        return MembershipState.ADDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """That somebody looked at a board: `visits` times, from `first_at` until `last_at`.

    `visitor` is a member's name, or the user name that goes with the board's password, or empty:
    `kind` says which.
    """

    board_id: BoardId
    kind: VisitorKind
    visitor: str
    first_at: float
    last_at: float
    visits: int = 1

    def again(self, when: float) -> "Visit":
        """Return it with one more look; soon after the last one, it is still the same visit."""
        more = 1 if when - self.last_at > SAME_VISIT else 0
        return replace(self, last_at=max(when, self.last_at), visits=self.visits + more)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientRequest:
    """What a board was asked for with by Gradient's API, and means nothing here.

    `instance` is JSON, or empty: the machine that was wanted.
    """

    board_id: BoardId
    image: str
    instance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedName:
    """A name a board had before it was renamed: nobody else gets it, and it redirects."""

    name: str
    board_id: BoardId


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone with an account."""

    name: str
    role: Role
    password_hash: str
    credential_generation: int = 0
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token of a member: only the SHA-256 of its secret (hex) is kept."""

    id: str
    member: str
    label: str
    digest: str
    created_at: float
    expires_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A member's sign-in in one browser: only the SHA-256 of its secret (hex) is kept.

    `credential_generation` is that of the password that opened it.
    """

    id: str
    member: str
    digest: str
    credential_generation: int
    created_at: float
    expires_at: float

    def lets_in(self, member: Member | None, now: float) -> bool:
        """Whether it still counts at `now` (Unix seconds), its member's record being this."""
        return (
            member is not None
            and member.credential_generation == self.credential_generation
            and now < self.expires_at
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchRecord:
    """What survives a restart about a launched process: its handle as JSON."""

    launch_id: LaunchId
    board_id: BoardId
    handle: str


Record = (
    Board
    | Experiment
    | Description
    | Membership
    | Visit
    | GradientRequest
    | ReservedName
    | Member
    | Token
    | Session
    | LaunchRecord
)
Replacement = tuple[Record | None, Record | None]
"""A record before and after a change; None where there was none, or is none any more."""


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody in particular."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who knows one board's password."""

    board_id: BoardId
    username: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member, by password or token; `credential_generation` is that of the password then."""

    name: str
    role: Role
    credential_generation: int = 0


@dataclass(frozen=True, slots=True)
class LocalOperator:
    """A process of the gateway's own user, or root, on the control socket: acts as an admin."""

    uid: int


Identity = Anonymous | Visitor | SignedIn | LocalOperator
