import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tbgateway.domain.model import Board, Experiment
from tbgateway.store import Store


def pragma(store: Store, name: str) -> object:
    asked = store._writer.submit(store._database._connection.execute, f"PRAGMA {name}")
    return store._writer.submit(asked.result().fetchone).result()[0]


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def allow_others_to_read(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0)],
)
async def test_the_connection_is_set_for_safety(name: str, value: object, store: Store) -> None:
    assert pragma(store, name) == value


async def test_only_the_owner_can_read_the_state(path: Path, board: Callable[..., Board]) -> None:
    store = Store.open(path)
    async with store.transaction() as transaction:
        transaction.put(board())

    files = sorted(path.parent.iterdir())

    assert [file.name for file in files] == [
        "gateway.db",
        "gateway.db-shm",
        "gateway.db-wal",
        "gateway.lock",
    ]
    assert {mode_of(file) for file in files} == {0o600}
    assert mode_of(path.parent) == 0o700
    await store.close()


async def test_a_file_others_could_read_is_made_private(path: Path) -> None:
    await Store.open(path).close()
    allow_others_to_read(path)

    await Store.open(path).close()

    assert mode_of(path) == 0o600


async def test_ten_thousand_puts_are_one_transaction(
    store: Store, experiment: Callable[..., Experiment]
) -> None:
    statements: list[str] = []
    threads: set[str] = set()

    def see(statement: str) -> None:
        statements.append(statement.split(maxsplit=1)[0])
        threads.add(threading.current_thread().name)

    store._writer.submit(store._database._connection.set_trace_callback, see).result()

    async with store.transaction() as transaction:
        transaction.put(*(experiment(number) for number in range(10_000)))

    assert Counter(statements) == {"BEGIN": 1, "INSERT": 10_000, "COMMIT": 1}
    assert (statements[0], statements[-1]) == ("BEGIN", "COMMIT")
    assert threads == {"store-writer_0"}
    stored = len(store.experiments)
    assert stored == 10_000
