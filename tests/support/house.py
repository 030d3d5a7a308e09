"""All use cases on a real store and real link trees; only the boards' processes are fakes."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from experiment_site import EVENTS, write

from tbgateway.boards import Boards
from tbgateway.discovery import Root
from tbgateway.domain.lifecycle import Limits
from tbgateway.domain.model import Board, LocalOperator, Role, SignedIn
from tbgateway.domain.names import BoardId, LaunchId, launch_id
from tbgateway.experiments import Experiments
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.members import Members
from tbgateway.settings import Boards as BoardsSettings
from tbgateway.settings import Experiments as ExperimentsSettings
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.root_watch import RootWatch
from tbgateway.supervisor.supervisor import Supervisor

ADA = SignedIn("ada", Role.EDITOR)
BOB = SignedIn("bob", Role.EDITOR)
VERA = SignedIn("vera", Role.VIEWER)
CHIEF = SignedIn("chief", Role.ADMIN)
OPERATOR = LocalOperator(0)

CHEAP = 4
"""The least cost that bcrypt knows."""
PATIENCE = 30.0  # seconds; generous, because the machine may be busy


class Clock:
    """Tells the monotonic and the wall time; tests move both ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead

    def wall(self) -> float:
        return time.time() + self.ahead


class House:
    """What a test of the use cases works with: two empty logdir roots, `runs` and `team`."""

    def __init__(self, home: Path, runtime_dir: Path) -> None:
        self.home = home
        self.store = Store.open(home / "state" / "gateway.db")
        self.clock = Clock()
        self.launcher = FakeLauncher(runtime_dir, self._hint)
        self.layout = Layout(home / "state")
        self.settings = BoardsSettings(wake_timeout=PATIENCE)
        limits = Limits(first_backoff=0.01, longest_backoff=0.05, stop_grace=PATIENCE)
        self.roots = {name: Root(home / name) for name in ("runs", "team")}
        self.means = Means(
            self.store,
            self.launcher,
            self.layout,
            self.settings,
            limits,
            {name: RootWatch(root.path) for name, root in self.roots.items()},
            clock=self.clock,
            wall_clock=self.clock.wall,
        )
        self.supervisor = Supervisor(self.means)
        for root in self.roots.values():
            root.path.mkdir()
        self.experiments = Experiments(
            self.store,
            self.roots,
            ExperimentsSettings(),
            self.supervisor.wake,
            self.clock.wall,
            self.clock,
        )
        self.boards = Boards(
            self.store, self.experiments, self.supervisor, rounds=CHEAP, clock=self.clock.wall
        )
        self.members = Members(self.store, rounds=CHEAP, clock=self.clock.wall)

    def _hint(self, launch: LaunchId) -> None:
        self.supervisor.hint(launch)

    def write(self, name: str, *, root: str = "runs", size: int = 10, age: float = 0.0) -> Path:
        """Write an event file that is so many seconds old; return its experiment's directory."""
        directory = self.home / root / name
        write(directory / EVENTS, size, self.clock.wall() - age)
        return directory

    async def find(self, *names: str, root: str = "runs") -> None:
        """Write experiments and have them found."""
        for name in names:
            self.write(name, root=root)
        await self.experiments.rescan()

    def launch_of(self, board_id: BoardId) -> LaunchId:
        """Return the board's newest generation."""
        return launch_id(board_id, self.store.boards[board_id].generation)

    def links_of(self, board_id: BoardId) -> dict[str, str]:
        """Return what the board's tree holds, and where it leads."""
        tree = self.layout.tree(board_id)
        found = (path for path in tree.rglob("*") if path.is_symlink())
        return {str(path.relative_to(tree)): str(path.readlink()) for path in found}

    def shown(self, board: Board) -> dict[str, str]:
        """Return the states of the board's memberships by the experiments' names."""
        return {view.name: view.state.value for view in self.boards.memberships(board)}

    async def wait_for(self, board_id: BoardId, reached: Callable[[], bool]) -> None:
        """Wait for something that comes with a change of the board."""
        done = await self.supervisor.wait_for(board_id, reached, seconds=PATIENCE)
        assert done, (self.supervisor, self.links_of(board_id))


H = TypeVar("H", bound=House)


@asynccontextmanager
async def opened(home: Path, make: Callable[[Path, Path], H]) -> AsyncIterator[H]:
    """Run a house's supervisor beside the block."""
    with tempfile.TemporaryDirectory(prefix="tbg") as runtime_dir:  # sockets need short paths
        house = make(home, Path(runtime_dir))
        await house.launcher.open()
        running = asyncio.ensure_future(house.supervisor.run())
        yield house
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await house.supervisor.stop()
        await house.launcher.close()
        await house.store.close()


def snapshot(store: Store) -> Mapping[str, object]:
    """Return all records, to prove that nothing changed."""
    return {
        name: dict(getattr(store, name))
        for name in (
            *("boards", "experiments", "descriptions", "memberships", "visits"),
            *("reserved_names", "members", "tokens"),
        )
    }
