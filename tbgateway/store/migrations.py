"""The schema, as the list of steps that led to it. A step that was released never changes."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tbgateway.domain.errors import ConflictError
from tbgateway.store.copies import keep_copy

Migration = tuple[str, ...]

_FIRST: Migration = (
    """CREATE TABLE members (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        credential_generation INTEGER NOT NULL,
        created_at REAL NOT NULL
    ) STRICT""",
    """CREATE TABLE tokens (
        id TEXT PRIMARY KEY,
        member TEXT NOT NULL REFERENCES members (name),
        label TEXT NOT NULL,
        digest TEXT NOT NULL,
        created_at REAL NOT NULL,
        expires_at REAL
    ) STRICT""",
    "CREATE INDEX tokens_by_member ON tokens (member)",
    """CREATE TABLE experiments (
        id TEXT PRIMARY KEY,
        root TEXT NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        held INTEGER NOT NULL CHECK (held IN (0, 1)),
        registered INTEGER NOT NULL CHECK (registered IN (0, 1)),
        bytes INTEGER NOT NULL,
        complete_bytes INTEGER NOT NULL,
        last_event_at REAL,
        created_at REAL NOT NULL,
        problem TEXT,
        UNIQUE (root, name)
    ) STRICT""",
    """CREATE TABLE boards (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        access TEXT NOT NULL,
        username TEXT,
        password_hash TEXT,
        credential_generation INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
        created_at REAL NOT NULL,
        last_visited_at REAL
    ) STRICT""",
    """CREATE TABLE reserved_names (
        name TEXT PRIMARY KEY,
        board_id TEXT NOT NULL REFERENCES boards (id)
    ) STRICT""",
    "CREATE INDEX reserved_names_by_board ON reserved_names (board_id)",
    """CREATE TABLE memberships (
        board_id TEXT NOT NULL REFERENCES boards (id),
        experiment_id TEXT NOT NULL REFERENCES experiments (id),
        added_at REAL NOT NULL,
        removing INTEGER NOT NULL CHECK (removing IN (0, 1)),
        PRIMARY KEY (board_id, experiment_id)
    ) STRICT""",
    "CREATE INDEX memberships_by_experiment ON memberships (experiment_id)",
    """CREATE TABLE launches (
        launch_id TEXT PRIMARY KEY,
        board_id TEXT NOT NULL REFERENCES boards (id),
        handle TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX launches_by_board ON launches (board_id)",
    # A name belongs to one board only, whether it is current or reserved.
    """CREATE TRIGGER board_takes_reserved_name_at_birth BEFORE INSERT ON boards
        WHEN EXISTS (SELECT 1 FROM reserved_names WHERE name = NEW.name)
        BEGIN SELECT RAISE(ABORT, 'reserved_names.name is taken'); END""",
    """CREATE TRIGGER board_takes_reserved_name BEFORE UPDATE OF name ON boards
        WHEN EXISTS (SELECT 1 FROM reserved_names WHERE name = NEW.name)
        BEGIN SELECT RAISE(ABORT, 'reserved_names.name is taken'); END""",
    """CREATE TRIGGER current_name_is_reserved BEFORE INSERT ON reserved_names
        WHEN EXISTS (SELECT 1 FROM boards WHERE name = NEW.name)
        BEGIN SELECT RAISE(ABORT, 'boards.name is taken'); END""",
    """CREATE TRIGGER reserved_name_changes_hands BEFORE UPDATE OF board_id ON reserved_names
        WHEN NEW.board_id <> OLD.board_id
        BEGIN SELECT RAISE(ABORT, 'reserved_names.name is taken'); END""",
)

_SECOND: Migration = (
    """CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        member TEXT NOT NULL REFERENCES members (name),
        digest TEXT NOT NULL,
        credential_generation INTEGER NOT NULL,
        created_at REAL NOT NULL,
        expires_at REAL NOT NULL
    ) STRICT""",
    "CREATE INDEX sessions_by_member ON sessions (member)",
    "ALTER TABLE boards DROP COLUMN credential_generation",
    "ALTER TABLE boards ADD COLUMN idle_timeout REAL CHECK (idle_timeout >= 0)",
    """CREATE TABLE visits (
        board_id TEXT NOT NULL REFERENCES boards (id),
        kind TEXT NOT NULL,
        visitor TEXT NOT NULL,
        first_at REAL NOT NULL,
        last_at REAL NOT NULL,
        visits INTEGER NOT NULL,
        PRIMARY KEY (board_id, kind, visitor)
    ) STRICT""",
)

_THIRD: Migration = (
    "ALTER TABLE experiments ADD COLUMN lease REAL CHECK (lease > 0)",
    "ALTER TABLE experiments ADD COLUMN ended_at REAL",
    "ALTER TABLE experiments ADD COLUMN end_heard_at REAL",
    """CREATE TABLE descriptions (
        experiment_id TEXT PRIMARY KEY REFERENCES experiments (id),
        params TEXT NOT NULL,
        tags TEXT NOT NULL,
        notes TEXT NOT NULL,
        file TEXT NOT NULL,
        problem TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE gradient_requests (
        board_id TEXT PRIMARY KEY REFERENCES boards (id),
        image TEXT NOT NULL,
        instance TEXT NOT NULL
    ) STRICT""",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _SECOND, _THIRD)
"""Step n leads from schema n to n + 1; the file's `user_version` is its schema."""


def migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring the database to the newest schema, after a backup beside it if it has data.

    Raise ConflictError if a newer version wrote it, or something else altogether.
    """
    version = check_schema(connection, str(path), migrations)
    if 0 < version < len(migrations):
        keep_copy(connection, path, f"schema{version}")
    upgrade(connection, migrations)


def check_schema(
    connection: sqlite3.Connection, name: str, migrations: Sequence[Migration] = MIGRATIONS
) -> int:
    """Return the schema of the database that people know by `name`, 0 if it has none yet.

    Raise ConflictError if a newer version wrote it, or something else altogether.
    """
    version = _version(connection)
    if version > len(migrations):
        raise ConflictError(
            f"{name} was written by a newer version of tbgateway:"
            f" its schema is {version}, this version knows schemas up to {len(migrations)}.",
            hint="Run that newer version, or restore a backup that this version wrote.",
        )
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and tables:
        raise ConflictError(
            f"{name} is a database of something else.",
            hint="Choose another state directory (--state-dir, or state.dir).",
        )
    return version


def upgrade(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Take the steps from the database's schema to the newest."""
    version = _version(connection)
    for number, statements in enumerate(migrations[version:], start=version + 1):
        _apply(connection, statements, number)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _apply(connection: sqlite3.Connection, statements: Migration, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
