"""Each record type's table, as data: its columns, its key, whose it is, how to find its rows."""

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from operator import attrgetter
from typing import Any, Generic, TypeVar

from tbgateway.domain.model import (
    Access,
    Board,
    Description,
    Experiment,
    ExperimentState,
    GradientRequest,
    LaunchRecord,
    Member,
    Membership,
    Record,
    ReservedName,
    Role,
    Session,
    Token,
    Visit,
    VisitorKind,
)
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=Record)
VisitKey = tuple[BoardId, VisitorKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[K, R]):
    """How records of one type are stored. The columns are the record's fields.

    `readers` turn a column's value back into what the field holds. A row goes when the record of
    type `owner` goes that `owned_by` names. `indices` are kept in memory, by name.
    """

    name: str
    record: type[R]
    key: Callable[[R], K]
    key_columns: tuple[str, ...]
    readers: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)
    owner: type[Record] | None = None
    owned_by: str = ""
    indices: Mapping[str, Callable[[R], Hashable]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in the order of a row."""
        return tuple(column.name for column in fields(self.record))

    def to_row(self, record: R) -> tuple[object, ...]:
        """Return the record as SQLite takes it."""
        return tuple(_plain(getattr(record, column)) for column in self.columns)

    def from_row(self, row: tuple[object, ...]) -> R:
        """Return the record that `to_row` made the row from."""
        values: dict[str, Any] = dict(zip(self.columns, row, strict=True))
        for column, read in self.readers.items():
            values[column] = read(values[column])
        return self.record(**values)

    def to_key_row(self, record: R) -> tuple[object, ...]:
        """Return the values of the key's columns."""
        return tuple(_plain(getattr(record, column)) for column in self.key_columns)

    @property
    def select(self) -> str:
        """SQL that reads every row, the oldest first."""
        return f"SELECT {', '.join(self.columns)} FROM {self.name} ORDER BY rowid"  # noqa: S608 - names of this module  # nosec

    @property
    def upsert(self) -> str:
        """SQL that writes a row. Never INSERT OR REPLACE: it deletes what is in the way."""
        marks = ", ".join("?" * len(self.columns))
        changes = ", ".join(f"{column} = excluded.{column}" for column in self.columns)
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({marks})"  # noqa: S608 - names of this module  # nosec
            f" ON CONFLICT ({', '.join(self.key_columns)}) DO UPDATE SET {changes}"
        )

    @property
    def delete(self) -> str:
        """SQL that deletes a row by its key."""
        condition = " AND ".join(f"{column} = ?" for column in self.key_columns)
        return f"DELETE FROM {self.name} WHERE {condition}"  # noqa: S608 - names of this module  # nosec

    @property
    def clear(self) -> str:
        """SQL that deletes every row."""
        return f"DELETE FROM {self.name}"  # noqa: S608 - names of this module  # nosec


def _plain(value: object) -> object:
    if isinstance(value, Mapping | tuple):
        return json.dumps(value)
    return value.value if isinstance(value, Enum) else value


def _texts(column: str) -> tuple[str, ...]:
    return tuple(json.loads(column))


MEMBERS: Table[str, Member] = Table(
    name="members",
    record=Member,
    key=attrgetter("name"),
    key_columns=("name",),
    readers={"role": Role},
)
TOKENS: Table[str, Token] = Table(
    name="tokens",
    record=Token,
    key=attrgetter("id"),
    key_columns=("id",),
    owner=Member,
    owned_by="member",
    indices={"member": attrgetter("member")},
)
SESSIONS: Table[str, Session] = Table(
    name="sessions",
    record=Session,
    key=attrgetter("id"),
    key_columns=("id",),
    owner=Member,
    owned_by="member",
    indices={"member": attrgetter("member")},
)
EXPERIMENTS: Table[ExperimentId, Experiment] = Table(
    name="experiments",
    record=Experiment,
    key=attrgetter("id"),
    key_columns=("id",),
    readers={"state": ExperimentState, "held": bool, "registered": bool},
    indices={"name": attrgetter("name"), "path": attrgetter("path")},
)
DESCRIPTIONS: Table[ExperimentId, Description] = Table(
    name="descriptions",
    record=Description,
    key=attrgetter("experiment_id"),
    key_columns=("experiment_id",),
    readers={"params": json.loads, "tags": _texts},
    owner=Experiment,
    owned_by="experiment_id",
    indices={"experiment_id": attrgetter("experiment_id")},
)
BOARDS: Table[BoardId, Board] = Table(
    name="boards",
    record=Board,
    key=attrgetter("id"),
    key_columns=("id",),
    readers={"access": Access, "paused": bool},
    indices={"name": attrgetter("name")},
)
RESERVED_NAMES: Table[str, ReservedName] = Table(
    name="reserved_names",
    record=ReservedName,
    key=attrgetter("name"),
    key_columns=("name",),
    owner=Board,
    owned_by="board_id",
    indices={"board_id": attrgetter("board_id")},
)
MEMBERSHIPS: Table[tuple[BoardId, ExperimentId], Membership] = Table(
    name="memberships",
    record=Membership,
    key=attrgetter("board_id", "experiment_id"),
    key_columns=("board_id", "experiment_id"),
    readers={"removing": bool},
    owner=Board,
    owned_by="board_id",
    indices={
        "board_id": attrgetter("board_id"),
        "experiment_id": attrgetter("experiment_id"),
    },
)
VISITS: Table[VisitKey, Visit] = Table(
    name="visits",
    record=Visit,
    key=attrgetter("board_id", "kind", "visitor"),
    key_columns=("board_id", "kind", "visitor"),
    readers={"kind": VisitorKind},
    owner=Board,
    owned_by="board_id",
    indices={"board_id": attrgetter("board_id")},
)
GRADIENT_REQUESTS: Table[BoardId, GradientRequest] = Table(
    name="gradient_requests",
    record=GradientRequest,
    key=attrgetter("board_id"),
    key_columns=("board_id",),
    owner=Board,
    owned_by="board_id",
    indices={"board_id": attrgetter("board_id")},
)
LAUNCHES: Table[LaunchId, LaunchRecord] = Table(
    name="launches",
    record=LaunchRecord,
    key=attrgetter("launch_id"),
    key_columns=("launch_id",),
    owner=Board,
    owned_by="board_id",
    indices={"board_id": attrgetter("board_id")},
)

TABLES: tuple[Table[Any, Any], ...] = (
    MEMBERS,
    TOKENS,
    SESSIONS,
    EXPERIMENTS,
    DESCRIPTIONS,
    BOARDS,
    RESERVED_NAMES,
    MEMBERSHIPS,
    VISITS,
    GRADIENT_REQUESTS,
    LAUNCHES,
)
"""All tables; what a row refers to stands in an earlier one."""

TABLE_OF: Mapping[type[Record], Table[Any, Any]] = {table.record: table for table in TABLES}
