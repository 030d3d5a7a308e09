import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import LaunchRecord, Member, Replacement, Session
from tbgateway.domain.names import LaunchId
from tbgateway.store import Store, copies
from tbgateway.store.backup import Backup
from tbgateway.store.copies import as_bytes
from tbgateway.store.migrations import MIGRATIONS

Make = Callable[..., Any]
PATIENCE = 30.0  # seconds; generous, because the machine may be busy


async def put(store: Store, *records: Any) -> None:
    async with store.transaction() as tx:
        tx.put(*records)


async def test_a_backup_holds_every_record_and_names_may_have_changed_hands(
    store: Store, board: Make, experiment: Make, membership: Make, path: Path
) -> None:
    one, other = board(1), board(2)
    await put(store, one, other, experiment(1), membership(one, experiment(1)))
    backup = Backup.read(await store.back_up())
    async with store.transaction() as tx:
        tx.put(board(1, name="between"))
    async with store.transaction() as tx:
        tx.put(board(2, name="board-1"), board(3))
    async with store.transaction() as tx:
        tx.put(board(1, name="board-2"))
    told: list[Replacement] = []
    store.listen(told.extend)
    await store.restore(backup)
    assert dict(store.boards) == {one.id: one, other.id: other}
    assert {record for pair in told for record in pair if record} == {
        one, other, board(1, name="board-2"), board(2, name="board-1"), board(3),
    }  # fmt: skip
    await store.close()
    again = Store.open(path)
    assert dict(again.boards) == {one.id: one, other.id: other}
    assert list(again.memberships.values()) == [membership(one, experiment(1))]
    await again.close()


async def test_what_is_of_this_gateway_does_not_go_back_in_time(
    store: Store, board: Make, member: Member
) -> None:
    session = Session(
        id="s", member="ada", digest="d", credential_generation=0, created_at=1.0, expires_at=2.0
    )
    launch = LaunchRecord(launch_id=LaunchId("l"), board_id=board(1).id, handle="{}")
    await put(store, member, board(1, generation=3, last_visited_at=5.0), session)
    backup = Backup.read(await store.back_up())
    later = board(1, generation=7, last_visited_at=9.0)
    await put(store, later, launch)
    await store.restore(backup)
    assert not store.sessions
    assert list(store.launches.values()) == [launch]
    assert store.boards[later.id] == later


async def test_a_backup_of_an_older_version_is_migrated_in_memory(
    tmp_path: Path,
) -> None:
    old = tmp_path / "old"
    with sqlite3.connect(old) as database:
        for statement in MIGRATIONS[0]:
            database.execute(statement)
        database.execute("INSERT INTO members VALUES ('ada', 'editor', '$2b$', 0, 1.0)")
        database.execute("PRAGMA user_version = 1")
    database.close()
    before = old.read_bytes()
    assert Backup.read(before).records.members.rows["ada"].name == "ada"
    assert old.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("INSERT INTO tokens VALUES ('t', 'nobody', 'l', 'd', 1.0, NULL)", "refers to one"),
        ("INSERT INTO members VALUES ('eve', 'emperor', '', 0, 1.0)", "cannot be read"),
        ("DROP TABLE visits", "no such table"),
    ],
)
async def test_a_backup_that_makes_no_sense_is_refused(
    store: Store, tmp_path: Path, statement: str, words: str
) -> None:
    file = tmp_path / "backup"
    file.write_bytes(await store.back_up())
    with sqlite3.connect(file) as database:
        database.execute(statement)
    database.close()
    with pytest.raises(InvalidInputError, match=words):
        Backup.read(file.read_bytes())


async def test_a_board_that_comes_back_uses_no_number_again(store: Store, board: Make) -> None:
    await put(store, board(1, generation=3), board(2, generation=9))
    backup = Backup.read(await store.back_up())
    await put(store, board(1, generation=5))
    async with store.transaction() as tx:
        tx.drop(store.boards[board(1).id])
    await store.restore(backup)
    assert {one.generation for one in store.boards.values()} == {5, 9}
    assert store.boards[board(1).id].generation == 5


async def test_two_restores_within_a_second_keep_what_was_before_each(
    store: Store, board: Make, path: Path
) -> None:
    backup = Backup.read(await store.back_up())
    before = [[board(1)], [board(2)], [board(3)]]
    for boards in before:
        await put(store, *boards)
        await store.restore(backup)
        assert not store.boards
    kept = list(path.parent.glob("gateway.db.before-restore.*.backup"))
    told = [list(Backup.read(one.read_bytes()).records.boards.rows.values()) for one in kept]
    assert sorted(told, key=str) == before
    assert {one.stat().st_mode & 0o777 for one in kept} == {0o600}


async def test_changes_go_on_while_a_backup_of_one_moment_is_made(
    store: Store, board: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup's moment has come, and its content is not read yet: what comes is not in it."""
    await put(store, board(1))
    reached, go_on = threading.Event(), threading.Event()

    def slowly(connection: sqlite3.Connection) -> bytes:
        reached.set()
        assert go_on.wait(PATIENCE)
        return as_bytes(connection)

    monkeypatch.setattr(copies, "as_bytes", slowly)
    making = asyncio.ensure_future(store.back_up())
    assert await asyncio.to_thread(reached.wait, PATIENCE)
    async with asyncio.timeout(PATIENCE):
        await put(store, board(2))
        await put(store, board(1, name="renamed"))
    assert not making.done()
    go_on.set()
    assert dict(Backup.read(await making).records.boards.rows) == {board(1).id: board(1)}
    assert len(store.boards) == 2
