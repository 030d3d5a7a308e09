"""Backup and restore of a state that no gateway uses."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tbgateway.domain.errors import NotFoundError
from tbgateway.store.backup import Backup
from tbgateway.store.copies import as_bytes, beside, settle
from tbgateway.store.faults import translated
from tbgateway.store.filesystems import filesystem_of, refuse_network_disk
from tbgateway.store.lock import StateLock
from tbgateway.store.store import Store

_JOURNALS = ("-wal", "-shm")
_WORKPLACE = "restoring-"


def back_up(path: Path) -> bytes:
    """Return the content of the database at `path`, of whatever version.

    Raise NotFoundError if there is none, ConflictError if a gateway uses it.
    """
    if not path.is_file():
        raise NotFoundError(
            f"There is no {path}.", hint="Name the directory of a gateway's state (--state-dir)."
        )
    with _locked(path), translated(path), closing(sqlite3.connect(path)) as connection:
        return as_bytes(connection)


async def restore(path: Path, backup: Backup) -> Path | None:
    """Make the database at `path` hold the backup, also if what is there is damaged or newer.

    It is replaced by one rename; return where the one before is kept, or None if there was none.
    Raise ConflictError if a gateway uses it, StorageFullError.
    """
    refuse_network_disk(path, filesystem_of)
    with translated(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path), _workplace(path) as new:
            store = Store.open(new)
            try:
                await store.restore(backup, keep=False)
            finally:
                await store.close()
            kept = _kept(path)
            _belong_to_owner(new, path if kept else path.parent)
            new.replace(path)
            settle(path.parent)
    return kept


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    place = path.with_name("gateway.lock")
    lock = StateLock(place)
    _belong_to_owner(place, path.parent)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _workplace(path: Path) -> Iterator[Path]:
    for left in path.parent.glob(f"{_WORKPLACE}*"):  # by somebody who was killed meanwhile
        shutil.rmtree(left, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=_WORKPLACE, dir=path.parent))
    try:
        yield directory / path.name
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _kept(path: Path) -> Path | None:
    """Give the file a second name, with all that was written to it.

    What its write-ahead log holds is folded in; where that is impossible, the log is moved aside
    first: beside another database it would be taken for a part of that one.
    """
    if not path.exists():
        return None
    kept = beside(path, "before-restore")
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in _JOURNALS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(kept.with_name(kept.name + suffix))
    os.link(path, kept)
    return kept


def _belong_to_owner(made: Path, owned: Path) -> None:
    """Let root leave nothing behind that the gateway's own user could not open."""
    if os.geteuid() == 0:
        owner = owned.stat()
        os.chown(made, owner.st_uid, owner.st_gid)
