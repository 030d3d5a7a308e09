"""What a backup holds: checked whole before anything of it is believed."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import Board, LaunchRecord, Record, Session, Visit
from tbgateway.store.copies import as_single_file
from tbgateway.store.database import read_all
from tbgateway.store.memory import Change, Memory
from tbgateway.store.migrations import MIGRATIONS, Migration, check_schema, upgrade
from tbgateway.store.tables import TABLES

NAME = "the backup"
"""What it is called in errors: nobody knows the file here, only what is in it."""
_MAGIC = b"SQLite format 3\0"
_OF_THIS_GATEWAY = (Session, LaunchRecord)


@dataclass(frozen=True, slots=True)
class Backup:
    """The records of a backup, by the newest schema, whatever version wrote them."""

    records: Memory

    @classmethod
    def read(cls, content: bytes, migrations: Sequence[Migration] = MIGRATIONS) -> "Backup":
        """Check the content of a backup's file, and take its records; the disk is not touched.

        Raise InvalidInputError if it is damaged, incomplete or something else, ConflictError if a
        newer version wrote it. Takes as long as reading everything: call it in a thread.
        """
        if not content.startswith(_MAGIC):
            raise _refusal("it is no SQLite database")
        with _in_words(), closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.deserialize(as_single_file(content))
            if check_schema(connection, NAME, migrations) == 0:
                raise _refusal("it is an empty database")
            _check_sound(connection)
            upgrade(connection, migrations)
            _check_sound(connection)
            return cls(read_all(connection, Path(NAME)))

    def changes(self, now: Memory) -> list[Change]:
        """Return what makes `now` hold the records of the backup, and no others.

        All that is kept is told, in the tables' order, also what does not change. What belongs to
        the gateway that runs is not the backup's: no session survives, nor comes back; a board
        that there is keeps its processes, the number of its generation, and its last visits. One
        that comes back goes on after the numbers that it may have had before it was deleted.
        """
        kept = [*self._kept(now)]
        keys = {(type(one), _key(one)) for one in kept}
        gone = [
            Change(one, keep=False)
            for table in TABLES
            for one in now.shelf(table.record).rows.values()
            if (type(one), _key(one)) not in keys
        ]
        return [*gone, *(Change(one, keep=True) for one in kept)]

    def _kept(self, now: Memory) -> Iterator[Record]:
        for table in TABLES:
            if table.record not in _OF_THIS_GATEWAY:
                known = now.shelf(table.record).rows
                for key, one in self.records.shelf(table.record).rows.items():
                    yield _continued(one, known.get(key), now.highest_gone)
        boards = self.records.boards.rows
        yield from (one for one in now.launches.rows.values() if one.board_id in boards)


def _continued(record: Record, known: Record | None, highest_gone: int) -> Record:
    """Return the backup's record with what must not go back in time."""
    match record, known:
        case Board(), Board():
            return replace(
                record,
                generation=max(record.generation, known.generation),
                last_visited_at=_latest(record.last_visited_at, known.last_visited_at),
            )
        case Board(), None:  # its last process may be about to end under one of these numbers
            return replace(record, generation=max(record.generation, highest_gone))
        case Visit(), Visit():
            return known
        case _:
            return record


def _latest(one: float | None, other: float | None) -> float | None:
    return max((when for when in (one, other) if when is not None), default=None)


def _key(record: Record) -> object:
    return next(table.key(record) for table in TABLES if table.record is type(record))


def _check_sound(connection: sqlite3.Connection) -> None:
    (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if verdict != "ok":
        raise _refusal(verdict)
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise _refusal("a record in it refers to one that is missing")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _refusal(str(error)) from error
    except (ValueError, TypeError, LookupError) as error:  # what stands in its rows
        raise _refusal("a record in it cannot be read") from error


def _refusal(reason: str) -> InvalidInputError:
    return InvalidInputError(
        f"This is no backup that can be restored: {reason}. Nothing was changed.",
        hint="Give a whole file that `tbgateway backup` wrote.",
    )
