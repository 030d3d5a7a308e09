"""Acknowledged writes survive `kill -9`, and a transaction is never seen in halves."""

import secrets
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tbgateway.store import Store

CHANCE = secrets.SystemRandom()

WRITE = """
import asyncio, itertools, sys
from pathlib import Path
from tbgateway.domain.model import Access, Board, Experiment, Membership
from tbgateway.store import Store

async def main() -> None:
    store = Store.open(Path(sys.argv[1]))
    for number in itertools.count(len(store.boards)):
        board = Board(id=f"tb{number:010x}", name=f"b{number}", owner="a", access=Access.PUBLIC,
                      created_at=0.0)
        runs = [Experiment(id=f"ex{number * 3 + i:010x}", root="r", name=f"{number}.{i}",
                           path=f"/{number}/{i}", created_at=0.0) for i in range(3)]
        async with store.transaction() as transaction:
            transaction.put(board, *runs)
            transaction.put(*(Membership(board_id=board.id, experiment_id=run.id, added_at=0.0)
                              for run in runs))
        print(number, flush=True)

asyncio.run(main())
"""


def write_until_killed(path: Path, acknowledged: int) -> int:
    """Kill a writing process a random moment after so many acknowledgements; return the last."""
    last = -1
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        for _ in range(acknowledged):
            last = int(writer.stdout.readline())
        killing = threading.Timer(CHANCE.uniform(0, 0.02), writer.kill)
        killing.start()
        for line in writer.stdout:
            if line.endswith(b"\n"):
                last = int(line)
        killing.join()
    return last


@pytest.mark.parametrize("attempt", range(3))
async def test_kill_9_loses_no_acknowledged_write_and_leaves_no_half(
    attempt: int, tmp_path: Path
) -> None:
    path = tmp_path / "state" / "gateway.db"
    for kill in range(3):
        last = write_until_killed(path, acknowledged=CHANCE.randint(1, 60))

        store = Store.open(path)
        boards, experiments, memberships = (
            len(rows) for rows in (store.boards, store.experiments, store.memberships)
        )
        shown = [store.memberships_of(board_id) for board_id in store.boards]
        await store.close()

        assert boards >= last + 1, (attempt, kill)
        assert (experiments, memberships) == (3 * boards, 3 * boards)
        assert {len(of_one) for of_one in shown} == {3}
