"""Launchers of every kind, opened on a throw-away state and closed again."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tensorboardX import SummaryWriter

from tbgateway.domain.names import BoardId, launch_id
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.launcher import (
    Exited,
    LaunchHandle,
    LaunchSpec,
    Lost,
    Observation,
    Running,
)

PATIENCE = 90.0  # seconds; the machine may be busy with other things
KINDS: dict[str, Callable[..., Any]] = {
    "fake": FakeLauncher,
    "forkserver": ForkserverLauncher,
    "exec": ExecLauncher,
}


class Bench:
    """A launcher on a throw-away state, and what tests want to do with it."""

    def __init__(self, kind: str, directory: Path, **options: Any) -> None:
        self.kind = kind
        self.options = options
        self.directory = directory
        self.logdir = directory / "logdir"
        self.runtime_dir = directory / "run"
        self.hints: list[str] = []
        self._news = asyncio.Event()
        self.launcher = self.another_launcher()

    def another_launcher(self, **options: Any) -> Any:
        return KINDS[self.kind](self.runtime_dir, self._hint, **{**self.options, **options})

    def spec(self, generation: int = 1, **changes: Any) -> LaunchSpec:
        board = BoardId("tb0123456789")
        spec = LaunchSpec(
            launch_id=launch_id(board, generation),
            board_id=board,
            generation=generation,
            title="Vision, seen",
            logdir=self.logdir,
            scratch=self.directory / "tmp",
            log=self.directory / "board.log",
            readable=(self.directory,),
        )
        return replace(spec, **changes)

    async def start(self, **changes: Any) -> LaunchHandle:
        """Start a board and wait until it runs."""
        handle: LaunchHandle = await self.launcher.start(self.spec(**changes))
        observation = await self.until(handle, not_pending)
        assert isinstance(observation, Running), await self.launcher.tail(handle, 50)
        return handle

    async def until(
        self, handle: LaunchHandle, reached: Callable[[Observation], bool]
    ) -> Observation:
        """Wait until the launch is as wanted, looking whenever the launcher hints at news."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self._news.clear()
            seen: Observation = (await self.launcher.observe())[handle.launch_id]
            if reached(seen):
                return seen
            assert time.monotonic() < deadline, f"still {seen}"
            async with asyncio.timeout(PATIENCE):
                await self._news.wait()

    async def get(self, handle: LaunchHandle, target: str) -> bytes:
        return await get(handle, target)

    def _hint(self, launch_id: str) -> None:
        self.hints.append(launch_id)
        self._news.set()


def not_pending(seen: Observation) -> bool:
    return isinstance(seen, Running | Exited | Lost)


async def get(handle: LaunchHandle, target: str) -> bytes:
    connector = aiohttp.UnixConnector(handle.endpoint, force_close=True)
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.get(f"http://board{target}") as response,
    ):
        assert response.status == 200, await response.text()
        return await response.read()


async def eventually(reached: Callable[[], bool], *, within: float = PATIENCE) -> None:
    deadline = time.monotonic() + within
    while not reached():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


@pytest.fixture
def directory() -> Iterator[Path]:
    # Not tmp_path: a unix socket's path may have 107 bytes only.
    with tempfile.TemporaryDirectory(prefix="tbg", ignore_cleanup_errors=True) as name:
        path = Path(name)
        (path / "logdir").mkdir()
        yield path


@pytest.fixture
def plugins() -> tuple[str, ...]:
    """Name the third-party plugins that are allowed: none, unless a test says so."""
    return ()


@pytest.fixture
async def bench(kind: str, directory: Path, plugins: tuple[str, ...]) -> AsyncIterator[Bench]:
    """Open a launcher; `kind` comes from the test module."""
    bench = Bench(kind, directory, **({"plugins": plugins} if plugins else {}))
    await bench.launcher.open()
    yield bench
    await bench.launcher.close()


@pytest.fixture
async def make_bench(directory: Path) -> AsyncIterator[Callable[..., Awaitable[Bench]]]:
    """Return a function that opens a launcher of a kind with options of its own."""
    made: list[Bench] = []

    async def make(kind: str, **options: Any) -> Bench:
        made.append(Bench(kind, directory, **options))
        await made[-1].launcher.open()
        return made[-1]

    yield make
    for bench in made:
        await bench.launcher.close()


@pytest.fixture
def write_run(directory: Path) -> Callable[..., None]:
    """Make an experiment of real event files and link it into the logdir, as a board's tree is."""

    def write(name: str, points: int = 3) -> None:
        target = directory / "experiments" / name
        writer = SummaryWriter(str(target))
        for step in range(points):
            writer.add_scalar("loss", 1.0 / (step + 1), step)
        writer.close()
        link = directory / "logdir" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)

    return write


@pytest.fixture
def eventually_true() -> Callable[..., Awaitable[None]]:
    return eventually


@pytest.fixture
def install_plugin(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make source text a plugin that TensorBoard finds by its entry point."""

    def install(source: str) -> None:
        metadata = directory / "plugins" / "wicked-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: wicked\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(
            "[tensorboard_plugins]\nwicked = wicked:Plugin\n"
        )
        (directory / "plugins" / "wicked.py").write_text(source)
        monkeypatch.setenv("PYTHONPATH", str(directory / "plugins"))

    return install


@pytest.fixture
def straying_boards(install_plugin: Callable[[str], None]) -> None:
    """Have every board start a process that leaves its session and its parent."""
    install_plugin(
        "import os, threading\n"
        "from tbgateway.worker import kernel\n"
        "from tensorboard.plugins.scalar import scalars_plugin\n"
        "class Plugin(scalars_plugin.ScalarsPlugin):\n"
        "    plugin_name = 'straying'\n"
        "    def __init__(self, context):\n"
        "        super().__init__(context)\n"
        "        if os.fork() == 0:\n"
        "            os.setsid()\n"
        "            kernel.set_name('stray')\n"  # before the next one is made, which inherits it
        "            if os.fork() == 0:\n"
        "                threading.Event().wait(61.5)\n"
        "            os._exit(0)\n"
        "        os.wait()\n"
    )
