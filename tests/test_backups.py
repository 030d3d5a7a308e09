"""Backups and restores hold all records in memory: one at a time, whatever becomes of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tbgateway.backups import Backups
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import LocalOperator
from tbgateway.store import Store

OPERATOR = LocalOperator(0)
PATIENCE = 30.0  # seconds; generous, because the machine may be busy


@dataclass
class Upload:
    """The body of a restore: `begun` when it is asked for, given when `arrives` is set."""

    content: bytes
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    arrives: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> bytes:
        self.begun.set()
        await self.arrives.wait()
        return self.content


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(tmp_path / "state" / "gateway.db")
    yield store
    await store.close()


@pytest.fixture
def backups(store: Store) -> Backups:
    return Backups(store, lambda _board_id: None)


async def soon(awaitable: Awaitable[object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await awaitable


async def until_all_wait(*tasks: asyncio.Future[object]) -> None:
    """Let every task run as far as it gets before the first upload arrives."""
    for _ in range(100):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_the_second_restore_receives_nothing_before_the_first_has_ended(
    backups: Backups,
) -> None:
    content = await backups.make(OPERATOR)
    first, second = Upload(content), Upload(content)
    one = asyncio.ensure_future(backups.restore(OPERATOR, first.receive))
    await soon(first.begun.wait())
    other = asyncio.ensure_future(backups.restore(OPERATOR, second.receive))
    await until_all_wait(one, other)
    assert not second.begun.is_set()
    first.arrives.set()
    await soon(second.begun.wait())
    assert one.done()
    second.arrives.set()
    await soon(other)


async def test_a_backup_waits_for_the_restore_that_is_being_received(backups: Backups) -> None:
    upload = Upload(await backups.make(OPERATOR))
    restoring = asyncio.ensure_future(backups.restore(OPERATOR, upload.receive))
    await soon(upload.begun.wait())
    making = asyncio.ensure_future(backups.make(OPERATOR))
    await until_all_wait(restoring, making)
    upload.arrives.set()
    await soon(making)
    assert restoring.done()
    assert (await making).startswith(b"SQLite format 3")


async def _breaks_off() -> bytes:
    raise ConnectionResetError


async def _is_nonsense() -> bytes:
    return b"nonsense"


@pytest.mark.parametrize(
    ("receive", "error"),
    [(_breaks_off, ConnectionResetError), (_is_nonsense, InvalidInputError)],
)
async def test_one_that_fails_lets_the_next_one_go_on(
    backups: Backups, receive: Callable[[], Awaitable[bytes]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await backups.restore(OPERATOR, receive)
    await soon(backups.make(OPERATOR))


async def test_one_whose_client_went_away_lets_the_next_one_go_on(backups: Backups) -> None:
    upload = Upload(b"")
    restoring = asyncio.ensure_future(backups.restore(OPERATOR, upload.receive))
    await soon(upload.begun.wait())
    restoring.cancel()
    await asyncio.gather(restoring, return_exceptions=True)
    await soon(backups.make(OPERATOR))
