"""Copies of a database: beside it before it is changed for good, or as one piece of bytes."""

import os
import sqlite3
import time
from pathlib import Path

_JOURNAL = slice(18, 20)  # where a file's header says by which journal it is written and read
_ROLLBACK = b"\1\1"  # the journal that needs no files beside: a copy is one file


def keep_copy(connection: sqlite3.Connection, path: Path, label: str) -> Path:
    """Copy the database to a file beside `path` that only its owner can read; return its path.

    Raise OSError or sqlite3.Error; then there is no such file.
    """
    backup = beside(path, label)
    os.close(os.open(backup, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        target = sqlite3.connect(backup)
        try:
            connection.backup(target)
        finally:
            target.close()
    except BaseException:
        backup.unlink()
        raise
    return backup


def beside(path: Path, label: str) -> Path:
    """Return where a copy of the database at `path` goes that is made now."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return path.with_name(f"{path.name}.{label}.{stamp}.backup")


def as_bytes(connection: sqlite3.Connection) -> bytes:
    """Return the whole database, with what its write-ahead log holds, as one file's content."""
    return as_single_file(connection.serialize())


def as_single_file(content: bytes) -> bytes:
    """Return a database file's content as that of one that has no write-ahead log."""
    return content[: _JOURNAL.start] + _ROLLBACK + content[_JOURNAL.stop :]
