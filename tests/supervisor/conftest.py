"""A supervisor on a real store and real link trees, with boards that do as they are told."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tbgateway.domain.lifecycle import BoardState, Limits
from tbgateway.domain.model import Access, Board, Experiment, Membership
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId, launch_id
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.settings import Boards as BoardsSettings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.status import BoardStatus
from tbgateway.supervisor.supervisor import Supervisor

BOARD = BoardId("tb0000000001")


class Clock:
    """A monotonic clock that tests move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


class House:
    """What a test of the supervisor works with; it has one board, asleep."""

    def __init__(self, home: Path, runtime_dir: Path, store: Store) -> None:
        self.home = home
        self.store = store
        self.clock = Clock()
        self.launcher = FakeLauncher(runtime_dir, self._hint)
        self.layout = Layout(home)
        limits = Limits(first_backoff=0.01, longest_backoff=0.05, stop_grace=0.1)
        self.settings = BoardsSettings(wake_timeout=30.0)
        self.means = Means(
            store, self.launcher, self.layout, self.settings, limits, clock=self.clock
        )
        self.supervisor = Supervisor(self.means)

    def _hint(self, launch: LaunchId) -> None:
        self.supervisor.hint(launch)

    @property
    def status(self) -> BoardStatus:
        return self.supervisor.status(BOARD)

    @property
    def launch(self) -> LaunchId:
        return launch_id(BOARD, self.store.boards[BOARD].generation)

    @property
    def links(self) -> dict[str, str]:
        tree = self.layout.tree(BOARD)
        found = (path for path in tree.rglob("*") if path.is_symlink())
        return {str(path.relative_to(tree)): str(path.readlink()) for path in found}

    async def make_board(self) -> None:
        board = Board(id=BOARD, name="vision", owner="ada", access=Access.PUBLIC, created_at=0.0)
        async with self.store.transaction() as tx:
            tx.put(board)

    async def change_board(self, **changes: object) -> None:
        async with self.store.transaction() as tx:
            tx.put(replace(self.store.boards[BOARD], **changes))  # type: ignore[arg-type] # names are checked by dataclasses
        self.supervisor.wake(BOARD)

    async def show(self, name: str, *, root: str = "runs", problem: str | None = None) -> None:
        """Make an experiment and put it on the board."""
        number = len(self.store.experiments) + 1
        experiment = Experiment(
            id=ExperimentId(f"ex{number:010x}"),
            root=root,
            name=name,
            path=str(self.home / root / name),
            created_at=0.0,
            problem=problem,
        )
        Path(experiment.path).mkdir(parents=True)
        member = Membership(board_id=BOARD, experiment_id=experiment.id, added_at=float(number))
        async with self.store.transaction() as tx:
            tx.put(experiment, member)
        self.supervisor.wake(BOARD)

    async def take_away(self, name: str) -> None:
        (experiment,) = self.store.experiments_named(name)
        membership = self.store.memberships[BOARD, experiment.id]
        async with self.store.transaction() as tx:
            tx.put(replace(membership, removing=True))
        self.supervisor.wake(BOARD)

    async def until(self, reached: Callable[[], bool]) -> None:
        assert await self.supervisor.wait_for(BOARD, reached, seconds=30), self.supervisor

    async def until_state(self, state: BoardState) -> None:
        await self.until(lambda: self.status.state is state)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="tbg") as runtime_dir:  # sockets need short paths
        store = Store.open(tmp_path / "state" / "gateway.db")
        house = House(tmp_path, Path(runtime_dir), store)
        await house.make_board()
        await house.launcher.open()
        running = asyncio.ensure_future(house.supervisor.run())
        yield house
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await house.supervisor.stop()
        await house.launcher.close()
        await store.close()
