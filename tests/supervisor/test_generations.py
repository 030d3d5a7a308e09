"""The numbers of generations, also of a gateway that is killed at any moment."""

import asyncio
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.model import Access, Board, LaunchRecord
from tbgateway.domain.names import BoardId, LaunchId, launch_id
from tbgateway.launchers.launcher import LaunchError
from tbgateway.store import Store
from tbgateway.supervisor.generations import Generations

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")
CHANCE = secrets.SystemRandom()

LAUNCH_AND_FORGET = """
import asyncio, sys
from pathlib import Path
from tbgateway.domain.model import LaunchRecord
from tbgateway.domain.names import launch_id
from tbgateway.store import Store
from tbgateway.supervisor.generations import Generations

async def main() -> None:
    store, generations = Store.open(Path(sys.argv[1])), Generations()
    async with store.transaction() as tx:
        tx.drop(*store.launches.values())
    while True:
        board = await generations.next(store, sys.argv[2])
        print(board.generation, flush=True)
        launch = launch_id(board.id, board.generation)
        async with store.transaction() as tx:
            tx.put(LaunchRecord(launch_id=launch, board_id=board.id, handle="{}"))
        await generations.forget(store, launch)

asyncio.run(main())
"""


async def launched(store: Store, generations: Generations) -> LaunchId:
    board = await generations.next(store, BOARD)
    launch = launch_id(BOARD, board.generation)
    async with store.transaction() as tx:
        tx.put(LaunchRecord(launch_id=launch, board_id=BOARD, handle="{}"))
    return launch


async def with_board(path: Path) -> Store:
    store = Store.open(path)
    async with store.transaction() as tx:
        tx.put(Board(id=BOARD, name="b", owner="ada", access=Access.PUBLIC, created_at=0.0))
    return store


async def closed(path: Path) -> None:
    store = await with_board(path)
    await store.close()


async def test_the_first_number_is_on_the_disk_before_it_is_given(house: "House") -> None:
    board = await Generations().next(house.store, BOARD)
    assert (board.name, board.generation) == ("vision", 1)
    assert house.store.boards[BOARD].generation == 1


async def test_the_next_number_is_stored_when_a_launch_is_forgotten(house: "House") -> None:
    generations = Generations()
    launch = await launched(house.store, generations)
    before = house.store.commits.done
    await generations.forget(house.store, launch)
    assert repr(generations) == "<Generations reserved=1>"
    assert house.store.boards[BOARD].generation == 2
    assert (await generations.next(house.store, BOARD)).generation == 2
    assert house.store.commits.done == before + 1
    assert (await generations.next(house.store, BOARD)).generation == 3


async def test_what_changed_about_the_board_since_is_told(house: "House") -> None:
    generations = Generations()
    await generations.forget(house.store, await launched(house.store, generations))
    await house.change_board(name="speech")
    board = await generations.next(house.store, BOARD)
    assert (board.name, board.generation) == ("speech", 2)


async def test_a_number_that_could_not_be_stored_is_not_reserved(house: "House") -> None:
    generations = Generations()
    launch = await launched(house.store, generations)
    with house.refusing("UPDATE ON boards"), pytest.raises(TbgatewayError):
        await generations.forget(house.store, launch)
    assert launch in house.store.launches
    assert (await generations.next(house.store, BOARD)).generation == 2
    assert house.store.boards[BOARD].generation == 2


async def test_to_forget_a_launch_again_reserves_nothing_more(house: "House") -> None:
    generations = Generations()
    launch = await launched(house.store, generations)
    for _ in range(3):
        await generations.forget(house.store, launch)
    assert house.store.boards[BOARD].generation == 2


async def test_a_deleted_board_gets_no_number_and_keeps_none(house: "House") -> None:
    generations = Generations()
    await generations.forget(house.store, await launched(house.store, generations))
    launch = await launched(house.store, generations)
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    await generations.forget(house.store, launch)
    with pytest.raises(LaunchError, match="deleted"):
        await generations.next(house.store, BOARD)
    assert repr(generations) == "<Generations reserved=0>"


async def test_a_board_deleted_asleep_keeps_no_number(house: "House") -> None:
    await house.supervisor.upstream(BOARD)
    await house.change_board(paused=True)
    await house.until(lambda: repr(house.means.generations) == "<Generations reserved=1>")
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    house.supervisor.wake(BOARD)
    await house.until(lambda: repr(house.means.generations) == "<Generations reserved=0>")


# --- killed


@contextmanager
def killed(path: Path) -> Iterator[Path]:
    """Give what a gateway killed now would leave on the disk."""
    with tempfile.TemporaryDirectory() as left:
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copy(file, left)
        yield Path(left, path.name)


class Life:
    """Gateways, one after the other, that launch a board, forget launches, and are killed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.generations = Generations()
        self.launches: list[LaunchId] = []
        self.given: list[int] = []

    async def launch(self) -> None:
        self.given.append((await self.generations.next(self.store, BOARD)).generation)

    async def record(self) -> None:
        launch = await launched(self.store, self.generations)
        self.given.append(int(launch.partition(".")[2]))
        self.launches.append(launch)

    async def forget(self) -> None:
        if self.launches:
            await self.generations.forget(self.store, self.launches.pop(0))

    async def many_at_once(self) -> None:
        await asyncio.gather(self.launch(), self.forget(), self.record(), self.forget())

    async def be_killed(self, path: Path) -> None:
        with killed(path) as left:
            await self.store.close()
            for file in left.parent.iterdir():
                shutil.copy(file, path.parent)
        self.store, self.generations = Store.open(path), Generations()


@given(st.lists(st.sampled_from(("launch", "record", "forget", "many_at_once", "kill"))))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_no_number_is_given_twice(happens: list[str]) -> None:
    async def live(path: Path) -> list[int]:
        life = Life(await with_board(path))
        for event in happens:
            await (life.be_killed(path) if event == "kill" else getattr(life, event)())
        await life.store.close()
        return life.given

    with tempfile.TemporaryDirectory() as home:
        given_numbers = asyncio.run(live(Path(home, "gateway.db")))
    assert len(set(given_numbers)) == len(given_numbers)


def test_after_kill_9_the_numbers_go_on_where_nobody_was(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    asyncio.run(closed(path))
    command = [sys.executable, "-c", LAUNCH_AND_FORGET, str(path), BOARD]
    numbers = []
    for _ in range(4):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as gateway:
            assert gateway.stdout is not None
            numbers += [int(gateway.stdout.readline()) for _ in range(CHANCE.randint(1, 20))]
            killing = threading.Timer(CHANCE.uniform(0, 0.02), gateway.kill)
            killing.start()
            numbers += [int(line) for line in gateway.stdout if line.endswith(b"\n")]
            killing.join()
    assert numbers == sorted(set(numbers))
