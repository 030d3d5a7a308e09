import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tbgateway.domain.errors import ConflictError
from tbgateway.domain.model import Board
from tbgateway.store import Store
from tbgateway.store.migrations import MIGRATIONS, Migration, migrate

NEXT: tuple[Migration, ...] = (*MIGRATIONS, ("CREATE TABLE notes (text TEXT NOT NULL) STRICT",))
BROKEN: tuple[Migration, ...] = (*MIGRATIONS, ("CREATE TABLE notes (a)", "no SQL at all"))


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    finally:
        connection.close()
    assert isinstance(version, int)
    return version


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*.backup"))


@pytest.fixture
async def old_state(path: Path, board: Callable[..., Board]) -> Path:
    store = Store.open(path)
    async with store.transaction() as transaction:
        transaction.put(board())
    await store.close()
    return path


async def test_a_new_file_gets_the_newest_schema_without_a_backup(path: Path) -> None:
    await Store.open(path).close()

    assert version_of(path) == len(MIGRATIONS)
    assert backups(path) == []


async def test_an_older_schema_is_migrated_after_a_backup(
    old_state: Path, board: Callable[..., Board]
) -> None:
    store = Store.open(old_state, migrations=NEXT)
    assert list(store.boards.values()) == [board()]
    await store.close()

    assert version_of(old_state) == len(NEXT)
    (backup,) = backups(old_state)
    assert version_of(backup) == len(MIGRATIONS)
    assert backup.stat().st_mode & 0o777 == 0o600


async def test_the_backup_is_a_whole_state(
    old_state: Path, tmp_path: Path, board: Callable[..., Board]
) -> None:
    await Store.open(old_state, migrations=NEXT).close()
    (backup,) = backups(old_state)
    restored = tmp_path / "restored" / "gateway.db"
    restored.parent.mkdir()
    backup.rename(restored)

    store = Store.open(restored)

    assert list(store.boards.values()) == [board()]
    await store.close()


async def test_boards_of_the_first_schema_stay_as_they_were(
    path: Path, board: Callable[..., Board]
) -> None:
    path.parent.mkdir(mode=0o700)
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection, path, MIGRATIONS[:1])
    connection.execute(
        "INSERT INTO boards VALUES ('tb0000000001', 'board-1', 'ada', 'password', 'guest', 'hash',"
        " 4, 7, 1, 1.5, 2.5)"
    )
    connection.execute("INSERT INTO reserved_names VALUES ('old', 'tb0000000001')")
    connection.close()

    store = Store.open(path)

    expected = board(
        username="guest",
        password_hash="hash",
        generation=7,
        paused=True,
        created_at=1.5,
        last_visited_at=2.5,
    )
    assert list(store.boards.values()) == [expected]
    assert list(store.reserved_names) == ["old"]
    await store.close()
    assert len(backups(path)) == 1


async def test_the_same_schema_needs_no_backup(old_state: Path) -> None:
    await Store.open(old_state).close()

    assert backups(old_state) == []


async def test_a_newer_schema_is_refused(old_state: Path) -> None:
    await Store.open(old_state, migrations=NEXT).close()
    before = content_of(old_state)

    with pytest.raises(ConflictError) as refused:
        Store.open(old_state)

    assert "newer version" in refused.value.detail
    assert str(old_state) in refused.value.detail
    assert content_of(old_state) == before


async def test_a_failed_migration_changes_nothing(
    old_state: Path, board: Callable[..., Board]
) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax error"):
        Store.open(old_state, migrations=BROKEN)

    store = Store.open(old_state)
    assert list(store.boards.values()) == [board()]
    await store.close()
    assert version_of(old_state) == len(MIGRATIONS)


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()

    with pytest.raises(ConflictError, match="something else"):
        Store.open(path)
