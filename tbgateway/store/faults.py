"""What SQLite and the disk complain about, said in the gateway's own errors."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tbgateway.domain.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    StorageFullError,
    TbgatewayError,
    UnavailableError,
)

_PRIMARY = 0xFF  # SQLite's extended result codes carry the primary one in their lowest byte
_LEAST_ROOM = 65_536  # bytes; SQLite needs its shared memory of 32 KiB and some pages of log
_FULL = {errno.ENOSPC, errno.EDQUOT}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TROUBLED = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}

_CONFLICTS: tuple[tuple[str, ConflictError], ...] = (
    (
        "boards.name",
        NameTakenError("A board of this name exists.", hint="Choose another name."),
    ),
    (
        "reserved_names.name",
        NameTakenError("The name was another board's.", hint="Choose another name."),
    ),
    (
        "experiments.root",
        NameTakenError("An experiment of this name exists.", hint="Choose another name."),
    ),
    (
        "experiments.path",
        ConflictError("The directory is another experiment already.", hint="Use that one."),
    ),
    (
        "FOREIGN KEY",
        ConflictError("What this refers to is gone, or something still refers to it."),
    ),
)


@contextmanager
def translated(place: Path) -> Iterator[None]:
    """Raise SQLite's and the disk's errors as our own; `place` is the file they are about."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise _conflict(str(error)) from error
    except UnicodeEncodeError as error:
        raise InvalidInputError(
            "A name or path is not valid UTF-8, and only such can be stored.",
            hint="Rename the directory.",
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise _no_room(place) from error
        raise _trouble(place, error) from error
    except sqlite3.DatabaseError as error:
        fault = _fault(error, place)
        if fault is None:
            raise
        raise fault from error


def _conflict(message: str) -> ConflictError:
    for words, known in _CONFLICTS:
        if words in message:
            return type(known)(known.detail, hint=known.hint)
    return ConflictError("The change contradicts what is stored.")


def _fault(error: sqlite3.DatabaseError, place: Path) -> TbgatewayError | None:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(place)):
        return _no_room(place)
    if code in _TROUBLED:
        return _trouble(place, error)
    if code in _DAMAGED:
        return TbgatewayError(
            f"{place} is damaged, or no database ({error}).",
            hint="Restore a backup; the newest are beside the file.",
        )
    return None


def _no_room(place: Path) -> StorageFullError:
    return StorageFullError(
        f"The file system of {place} is full; nothing was changed.",
        hint="Make room there and try again.",
    )


def _trouble(place: Path, error: Exception) -> UnavailableError:
    return UnavailableError(
        f"{place} could not be used ({error}); nothing was changed.",
        hint="Look at the disk, its permissions and quotas, and for others using the file.",
    )


def _is_full(place: Path) -> bool:
    """Tell a full disk from a failing one where SQLite itself does not."""
    try:
        return shutil.disk_usage(place.parent).free < _LEAST_ROOM
    except OSError:
        return False
