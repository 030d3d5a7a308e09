"""Experiments with event files, and what reads them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from raw_events import write_records

from tbgateway.discovery import EventFileLists, Root
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.scalars import Reader, Scalars
from tbgateway.scalars.scalars import ListFiles

PATIENCE = 60.0  # seconds; generous, because the machine may be busy
_COMMAND = (sys.executable, "-P", "-m", "tbgateway.worker.scalar_reader", str(os.getpid()))


@dataclass
class Site:
    """A logdir root, its experiments as scans see them, and whom news was told of."""

    root: Path
    told: list[ExperimentId] = field(default_factory=list)
    clock: float = 0.0

    def write(self, name: str, *records: bytes, run: str = ".") -> Experiment:
        """Append records; return the experiment as a scan sees it then."""
        write_records(self.root / name / run, *records)
        return self.seen(name)

    def seen(self, name: str) -> Experiment:
        """Return the experiment as a scan sees it."""
        path = self.root / name
        stats = [file.stat() for file in path.rglob("*tfevents*")]
        known = Experiment(
            id=ExperimentId(f"ex-{name}"), root="runs", name=name, path=str(path), created_at=0.0
        )
        size = sum(one.st_size for one in stats)
        return replace(known, bytes=size, last_event_at=max(one.st_mtime for one in stats))

    def reader(self, patience: float = PATIENCE) -> Reader:
        """Return the real one."""
        return Reader((*_COMMAND, str(self.root)), os.environ, patience)

    @asynccontextmanager
    async def reading(
        self,
        reader: Reader | None = None,
        list_files: ListFiles | None = None,
        idle: float = PATIENCE,
    ) -> AsyncIterator[Scalars]:
        """Run what reads inside the block."""
        files = EventFileLists({"runs": Root(self.root)}, 4)
        scalars = Scalars(
            reader or self.reader(),
            list_files or files.of,
            self.told.append,
            idle=idle,
            clock=lambda: self.clock,
        )
        task = asyncio.get_running_loop().create_task(scalars.run())
        try:
            yield scalars
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await scalars.close()


Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = Path(os.path.realpath(tmp_path)) / "runs"
    root.mkdir()
    return Site(root)


@pytest.fixture
def until() -> Until:
    """Return a function that waits for something to become true."""

    async def wait(reached: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not reached():
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
def scripted(tmp_path: Path) -> Callable[..., Reader]:
    """Return a function that makes a reader whose process runs some lines of Python."""

    def reader(*lines: str, patience: float = PATIENCE) -> Reader:
        begin = ("import json, os, sys, time", 'print(\'{"unconfined": ""}\', flush=True)')
        script = tmp_path / "reader.py"
        script.write_text("\n".join((*begin, *lines)))
        return Reader((sys.executable, str(script)), os.environ, patience)

    return reader
