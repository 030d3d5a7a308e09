"""Copies of a database: beside it before it is changed for good, or as one piece of bytes."""

import itertools
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

_JOURNAL = slice(18, 20)  # where a file's header says by which journal it is written and read
_ROLLBACK = b"\1\1"  # the journal that needs no files beside: a copy is one file


def keep_copy(connection: sqlite3.Connection, path: Path, label: str) -> Path:
    """Copy the database to a file beside `path` that only its owner can read; return its path.

    What has that name is whole, also after a power cut. Raise OSError or sqlite3.Error; then there
    is no such file.
    """
    unfinished = path.with_name(f"{path.name}.copying")
    _remove(unfinished)  # of a gateway that was killed while it copied
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with closing(sqlite3.connect(unfinished)) as target:
            connection.backup(target)
        backup = unfinished.rename(beside(path, label))
    except BaseException:
        _remove(unfinished)
        raise
    settle(path.parent)
    return backup


def beside(path: Path, label: str) -> Path:
    """Return where a copy of the database at `path` goes that is made now: no file is there.

    Only who holds the state's lock may ask; nobody else makes files beside it.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    endings = itertools.chain([""], (f"-{again}" for again in itertools.count(2)))
    places = (path.with_name(f"{path.name}.{label}.{stamp}{ending}.backup") for ending in endings)
    return next(place for place in places if not place.exists())


def settle(directory: Path) -> None:
    """Have the names in a directory survive a power cut; raise OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def content_of(path: Path) -> bytes:
    """Return the database at `path` as it is at one moment, also while somebody writes to it.

    Reads by a connection of its own, so that writers go on. Raise sqlite3.Error.
    """
    readable = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(readable, uri=True, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # the moment is this
        return as_bytes(connection)


def as_bytes(connection: sqlite3.Connection) -> bytes:
    """Return the whole database, with what its write-ahead log holds, as one file's content."""
    return as_single_file(connection.serialize())


def as_single_file(content: bytes) -> bytes:
    """Return a database file's content as that of one that has no write-ahead log."""
    return content[: _JOURNAL.start] + _ROLLBACK + content[_JOURNAL.stop :]


def _remove(unfinished: Path) -> None:
    for leftover in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
        leftover.unlink(missing_ok=True)
