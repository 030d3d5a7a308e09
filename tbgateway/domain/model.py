"""The records: what is stored and what is said about it. All times are Unix seconds (UTC)."""

from dataclasses import dataclass
from enum import StrEnum

from tbgateway.domain.names import BoardId, ExperimentId, LaunchId


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What somebody asked for. `credential_generation` grows whenever the password changes."""

    id: BoardId
    name: str
    owner: str
    access: Access
    username: str | None = None
    password_hash: str | None = None
    credential_generation: int = 0
    generation: int = 0
    paused: bool = False
    created_at: float
    last_visited_at: float | None = None


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
class LaunchRecord:
    """What survives a restart about a launched process: its handle as JSON."""

    launch_id: LaunchId
    board_id: BoardId
    handle: str


Record = Board | Experiment | Membership | ReservedName | Member | Token | LaunchRecord
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
