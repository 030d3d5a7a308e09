"""A supervisor on a real store and real link trees, with boards that do as they are told."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import house as any_house
import pytest

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board, Experiment, Membership
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId
from tbgateway.supervisor.health import Patience
from tbgateway.supervisor.status import BoardStatus
from tbgateway.supervisor.supervisor import Supervisor

BOARD = BoardId("tb0000000001")


class House(any_house.House):
    """A house with one board, asleep, and experiments that need no files."""

    @property
    def status(self) -> BoardStatus:
        return self.supervisor.status(BOARD)

    @property
    def launch(self) -> LaunchId:
        return self.launch_of(BOARD)

    @property
    def links(self) -> dict[str, str]:
        return self.links_of(BOARD)

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
        Path(experiment.path).mkdir(parents=True, exist_ok=True)
        member = Membership(board_id=BOARD, experiment_id=experiment.id, added_at=float(number))
        async with self.store.transaction() as tx:
            tx.put(experiment, member)
        self.supervisor.wake(BOARD)

    async def take_away(self, name: str, *, root: str = "runs") -> None:
        (experiment,) = (one for one in self.store.experiments_named(name) if one.root == root)
        membership = self.store.memberships[BOARD, experiment.id]
        async with self.store.transaction() as tx:
            tx.put(replace(membership, removing=True))
        self.supervisor.wake(BOARD)

    @contextmanager
    def refusing(self, what: str) -> Iterator[None]:
        """Have the database refuse changes such as "INSERT ON launches"."""
        refuse = f"CREATE TRIGGER refusal BEFORE {what} BEGIN SELECT RAISE(ABORT, 'no'); END"
        for statement in (refuse, "DROP TRIGGER refusal"):
            with closing(sqlite3.connect(self.home / "state" / "gateway.db")) as database:
                database.execute(statement)
                database.commit()
            if statement is refuse:
                yield

    async def until(self, reached: Callable[[], bool]) -> None:
        await self.wait_for(BOARD, reached)

    async def until_state(self, state: BoardState) -> None:
        await self.until(lambda: self.status.state is state)


class ImpatientHouse(House):
    """A house whose boards may not be silent for long, nor crash often."""

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        super().__init__(home, runtime_dir)
        patience = Patience(silence=0.1, answer=1.0, questions=2, every=0.02)
        limits = replace(self.means.limits, most_crashes=2)
        self.means = replace(self.means, patience=patience, limits=limits)
        self.supervisor = Supervisor(self.means)


@pytest.fixture
async def impatient(tmp_path: Path) -> AsyncIterator[ImpatientHouse]:
    async with any_house.opened(tmp_path, ImpatientHouse) as house:
        await house.make_board()
        yield house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with any_house.opened(tmp_path, House) as house:
        await house.make_board()
        yield house
