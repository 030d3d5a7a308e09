"""The SQLite file. All here but `content` runs in the store's one writer thread."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from tbgateway.store.copies import content_of, keep_copy
from tbgateway.store.faults import translated
from tbgateway.store.memory import Change, Memory
from tbgateway.store.migrations import MIGRATIONS, Migration, check_schema, migrate
from tbgateway.store.tables import TABLES, Table

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # an acknowledged write survives a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)
_PATIENCE = 5.0  # seconds; a backup tool may hold the file for a moment


class Database:
    """An open database of the newest schema."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    @classmethod
    def open(cls, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Self:
        """Open or make the file, readable by its owner only, and migrate it."""
        _make_private(path)
        # Transactions are written out below: the module's own ones begin too late.
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        try:
            with translated(path):
                check_schema(connection, str(path), migrations)  # what is refused stays as it is
                for pragma in _PRAGMAS:
                    connection.execute(pragma)
                migrate(connection, path, migrations)
        except BaseException:
            connection.close()
            raise
        return cls(connection, path)

    def load(self) -> Memory:
        """Read everything."""
        return read_all(self._connection, self._path)

    def content(self) -> bytes:
        """Return the whole database as one file's content; for any thread, writing goes on."""
        with translated(self._path):
            return content_of(self._path)

    def keep_copy(self, label: str) -> Path:
        """Copy the file to one beside it, and return its path; raise StorageFullError."""
        with translated(self._path):
            return keep_copy(self._connection, self._path, label)

    def write(self, changes: Sequence[Change]) -> None:
        """Make all changes, in one transaction that is on the disk when this returns."""
        with self._transaction():
            self._write(changes)

    def rewrite(self, changes: Sequence[Change]) -> None:
        """Replace every record by those that are kept, in one such transaction.

        Not by changing what differs: names that went from one record to another would collide.
        """
        with self._transaction():
            for table in reversed(TABLES):
                self._connection.execute(table.clear)
            self._write([change for change in changes if change.keep])

    def close(self) -> None:
        """Close the file; its write-ahead log is folded into it."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with translated(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite ended it itself on some errors
                    self._connection.execute("ROLLBACK")
                raise

    def _write(self, changes: Sequence[Change]) -> None:
        for table in reversed(TABLES):
            gone = _records(table, changes, keep=False)
            if gone:
                self._connection.executemany(table.delete, map(table.to_key_row, gone))
        for table in TABLES:
            kept = _records(table, changes, keep=True)
            if kept:
                self._connection.executemany(table.upsert, map(table.to_row, kept))


def read_all(connection: sqlite3.Connection, path: Path) -> Memory:
    """Read every record of a database of the newest schema; `path` is what errors call it."""
    memory = Memory()
    texts: dict[str, str] = {}  # each once: ids and owners stand in many rows
    with translated(path):
        for table in TABLES:
            shelf = memory.shelf(table.record)
            for row in connection.execute(table.select):
                shelf.put(table.from_row(tuple(_shared(value, texts) for value in row)))
    return memory


def _shared(value: object, texts: dict[str, str]) -> object:
    return texts.setdefault(value, value) if isinstance(value, str) else value


def _records(table: Table[Any, Any], changes: Sequence[Change], *, keep: bool) -> list[Any]:
    return [
        change.record
        for change in changes
        if change.keep is keep and type(change.record) is table.record
    ]


def _make_private(path: Path) -> None:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(fd, 0o600)  # SQLite gives its log and shared memory the same mode
    finally:
        os.close(fd)
