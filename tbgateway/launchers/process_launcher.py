"""What the launchers of real local processes share: all but the making of the process."""

import asyncio
import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

import structlog

from tbgateway.domain.names import LaunchId
from tbgateway.launchers.board_groups import BoardGroups
from tbgateway.launchers.board_log import BoardLogs
from tbgateway.launchers.endpoint import (
    Endpoint,
    make_runtime_dir,
    remove_dead_endpoints,
    remove_left_endpoint,
)
from tbgateway.launchers.launch import Launch
from tbgateway.launchers.launcher import (
    Changed,
    EngineUnreachableError,
    LaunchError,
    LaunchHandle,
    LaunchSpec,
    Observation,
    ShortageError,
)
from tbgateway.launchers.processes import end_process, send_signal
from tbgateway.launchers.why_not import why_not
from tbgateway.telemetry.process_table import proportional
from tbgateway.worker.channel import Descriptors
from tbgateway.worker.messages import Order

_T = TypeVar("_T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Born:
    """A process that was made: its pid and the kernel's start time of it, in clock ticks."""

    pid: int
    started: int


class HandOver(Protocol):
    """Called once by whoever makes a process, with the function that gives it its descriptors."""

    def __call__(self, send: Callable[[Descriptors], _T]) -> _T:
        """Return what `send` returns."""


class ProcessLauncher(ABC):
    """A Launcher of processes on this machine; a subclass says how they are made."""

    name: ClassVar[str]

    def __init__(
        self, runtime_dir: Path, changed: Changed, groups: BoardGroups | None = None
    ) -> None:
        """Boards get control groups if `groups` can make some."""
        self._runtime_dir = runtime_dir
        self._changed = changed
        self._launches: dict[LaunchId, Launch] = {}
        self._starting = asyncio.Lock()
        self._logs = BoardLogs()
        self._groups = groups or BoardGroups()  # which makes none until it is opened
        self._with_groups = groups is not None
        self._is_open = False

    @abstractmethod
    async def make(self, order: Order, hand_over: HandOver) -> Born:
        """Make a process for `order`; raise LaunchError or EngineUnreachableError."""

    async def open(self) -> None:
        """Make the runtime directory; raise LaunchError if that fails.

        Sockets in it that nobody listens on any more are removed.
        """
        make_runtime_dir(self._runtime_dir)
        remove_dead_endpoints(self._runtime_dir)
        if self._with_groups:
            # In this thread: nothing else of ours may start a process meanwhile.
            self._groups.open()
        self._is_open = True

    async def start(self, spec: LaunchSpec) -> LaunchHandle:
        """Bind the endpoint and make the process; idempotent by launch id."""
        async with self._starting:
            launch = self._launches.get(spec.launch_id)
            if launch is not None and launch.handle is not None:
                return launch.handle
            return await self._start(spec)

    async def observe(self) -> Mapping[LaunchId, Observation]:
        """Tell how every launch stands; raise EngineUnreachableError unless open."""
        self._check_open()
        return {launch_id: launch.observation for launch_id, launch in self._launches.items()}

    def send_signal(self, pid: int, started: int, number: signal.Signals) -> None:
        """Signal that one process, unless it has ended."""
        send_signal(pid, started, number)

    def memory(self, pid: int) -> int:
        """Return the memory (PSS) of one of the processes in bytes, in any thread."""
        return proportional(pid)

    def pids(self) -> frozenset[int]:
        """Return the boards' processes."""
        handles = (launch.handle for launch in self._launches.values())
        return frozenset(handle.pid for handle in handles if handle is not None)

    def limit_memory(self, memory: int) -> None:
        """Write it into the boards' control groups, in a thread: the kernel may take its time."""
        asyncio.get_running_loop().run_in_executor(None, self._groups.limit, memory)

    async def stop(self, handle: LaunchHandle, *, grace: float) -> None:
        """End the process and remove its endpoint, whoever launched it.

        Nothing is written for it afterwards: the board's directory may be removed.
        """
        await end_process(handle.pid, handle.started, grace=grace, send=self.send_signal)
        launch = self._launches.pop(handle.launch_id, None)
        if launch is None:
            remove_left_endpoint(self._runtime_dir, handle.endpoint)
            return
        launch.close()
        await asyncio.to_thread(self._groups.remove, handle.launch_id)
        await self._logs.written()
        await asyncio.to_thread(shutil.rmtree, _temporary(launch.spec), ignore_errors=True)

    async def tail(self, handle: LaunchHandle, lines: int) -> str:
        """Return the last lines of the log that the handle names."""
        launch = self._launches.get(handle.launch_id)
        if launch is not None:
            launch.drain_log()
        return await self._logs.tail(Path(handle.log), lines) if handle.log else ""

    async def close(self) -> None:
        """Kill every process and remove every endpoint."""
        if not self._is_open:
            return
        self._is_open = False
        handles = [launch.handle for launch in self._launches.values() if launch.handle]
        await asyncio.gather(*(self.stop(handle, grace=0) for handle in handles))
        await asyncio.to_thread(self._groups.close)
        await self._logs.close()

    def exited(self, launch_id: str, pid: int, code: int) -> None:
        """Take note of the end of a process."""
        launch = self._launches.get(LaunchId(launch_id))
        if launch is not None and (launch.handle is None or launch.handle.pid == pid):
            launch.exited(code)

    def orphan(self, launch_ids: Iterable[str]) -> None:
        """Take note that nobody will say any more how these processes end."""
        for launch_id in launch_ids:
            launch = self._launches.get(LaunchId(launch_id))
            if launch is not None:
                launch.orphan()

    async def _start(self, spec: LaunchSpec) -> LaunchHandle:
        self._check_open()
        await asyncio.to_thread(_make_directories, spec, frozenset(self._launches))
        group = await asyncio.to_thread(self._groups.make, spec.launch_id, spec.memory)
        try:
            return await self._insist(spec, _order(spec, group))
        except BaseException:
            self._groups.abandon(spec.launch_id)
            raise

    async def _insist(self, spec: LaunchSpec, order: Order) -> LaunchHandle:
        try:
            return await self._attempt(spec, order)
        except ShortageError:  # which a moment does not end
            raise
        except EngineUnreachableError as error:
            # With a socket and pipes of its own: should the first one have made a process after
            # all, that one ends with its lifeline.
            log.warning("a board is launched anew", launch=spec.launch_id, reason=str(error))
            return await self._attempt(spec, order)

    async def _attempt(self, spec: LaunchSpec, order: Order) -> LaunchHandle:
        launch = self._prepare(spec)
        self._launches[spec.launch_id] = launch
        try:
            born = await self.make(order, launch.hand_over)
            _check_visible(born)
        except BaseException:
            del self._launches[spec.launch_id]
            launch.close()
            raise
        handle = LaunchHandle(
            launch_id=spec.launch_id,
            launcher=self.name,
            pid=born.pid,
            started=born.started,
            endpoint=str(launch.endpoint.path),
            log=str(spec.log),
        )
        launch.born(handle)
        return handle

    def _prepare(self, spec: LaunchSpec) -> Launch:
        endpoint = Endpoint.bind(self._runtime_dir / spec.launch_id)
        try:
            changed = partial(self._changed, spec.launch_id)
            over_memory = partial(self._groups.over_memory, spec.launch_id)
            return Launch(spec, endpoint, self._logs, changed, over_memory)
        except OSError as error:
            endpoint.close()
            raise why_not("no pipes for a board", error) from error

    def _check_open(self) -> None:
        if not self._is_open:
            raise EngineUnreachableError("the launcher is not open")


def _check_visible(born: Born) -> None:
    if born.started == 0:
        # Without a start time nobody could ever be sure to signal the right process.
        os.kill(born.pid, signal.SIGKILL)
        raise LaunchError("/proc does not show our own processes: mount it without hidepid")


def _order(spec: LaunchSpec, group: str) -> Order:
    return Order(
        launch_id=spec.launch_id,
        title=spec.title,
        logdir=str(spec.logdir),
        temporary=str(_temporary(spec)),
        isolation=spec.isolation,
        loader=spec.loader,
        first_load_timeout=spec.first_load_timeout,
        release_data_after=spec.release_data_after,
        samples_per_plugin=dict(spec.samples_per_plugin),
        readable=[str(directory) for directory in spec.readable],
        descriptions="" if spec.descriptions is None else str(spec.descriptions),
        group=group,
    )


def _temporary(spec: LaunchSpec) -> Path:
    return spec.scratch / spec.launch_id


def _make_directories(spec: LaunchSpec, living: frozenset[LaunchId]) -> None:
    _make_temporary(spec, living)
    if spec.descriptions is not None:
        # What the process may read is settled before it begins: what comes later is not seen.
        try:
            spec.descriptions.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{error.strerror}: {spec.descriptions.parent}"
            log.warning("board starts without descriptions", board=spec.board_id, reason=reason)


def _make_temporary(spec: LaunchSpec, living: frozenset[LaunchId]) -> None:
    """Make the process's TMPDIR; remove what generations of an earlier gateway left."""
    try:
        spec.scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in spec.scratch.iterdir():
            if left.name.startswith(f"{spec.board_id}.") and left.name not in living:
                shutil.rmtree(left, ignore_errors=True)
        _temporary(spec).mkdir(mode=0o700)
    except OSError as error:
        raise why_not(str(spec.scratch), error) from error
