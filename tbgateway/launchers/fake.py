"""A launcher for tests: boards are coroutines of this process, and do as they are told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from tbgateway.domain.names import LaunchId
from tbgateway.launchers.board_log import BoardLogs
from tbgateway.launchers.endpoint import (
    Endpoint,
    make_runtime_dir,
    remove_dead_endpoints,
    remove_left_endpoint,
)
from tbgateway.launchers.fake_board import FakeBoard
from tbgateway.launchers.launcher import (
    Changed,
    EngineUnreachableError,
    Exited,
    LaunchError,
    LaunchHandle,
    LaunchSpec,
    Observation,
    Pending,
    Running,
)


@dataclass(slots=True)
class _FakeLaunch:
    handle: LaunchHandle
    endpoint: Endpoint
    board: FakeBoard
    spec: LaunchSpec
    observation: Observation


class FakeLauncher:
    """Passes the launchers' contract tests without a process.

    While `hold` is set, new boards stay pending until `release`; a `refusal` makes every start
    fail with that text; while `unreachable`, nothing can be asked.
    """

    name: ClassVar[str] = "fake"

    def __init__(self, runtime_dir: Path, changed: Changed) -> None:
        self.hold = False
        self.refusal = ""
        self.unreachable = False
        self.limited_to = 0
        self._runtime_dir = runtime_dir
        self._changed = changed
        self._launches: dict[LaunchId, _FakeLaunch] = {}
        self._logs = BoardLogs()

    async def open(self) -> None:
        """Make the runtime directory; remove sockets that nobody listens on any more."""
        make_runtime_dir(self._runtime_dir)
        remove_dead_endpoints(self._runtime_dir)

    async def start(self, spec: LaunchSpec) -> LaunchHandle:
        """Bind the endpoint and serve on it, unless boards are held."""
        self._check_reachable()
        known = self._launches.get(spec.launch_id)
        if known is not None:
            return known.handle
        if self.refusal:
            raise LaunchError(self.refusal)
        launch = self._make(spec)
        self._launches[spec.launch_id] = launch
        if not self.hold:
            await self.release(spec.launch_id)
        return launch.handle

    async def observe(self) -> Mapping[LaunchId, Observation]:
        """Tell how every launch stands."""
        self._check_reachable()
        return {launch_id: launch.observation for launch_id, launch in self._launches.items()}

    def pids(self) -> frozenset[int]:
        """Return nothing: no board has a process."""
        return frozenset()

    def limit_memory(self, memory: int) -> None:
        """Remember it."""
        self.limited_to = memory

    def memory(self, pid: int) -> int:
        """Raise ProcessLookupError: no board has a process."""
        raise ProcessLookupError(pid)

    async def stop(self, handle: LaunchHandle, *, grace: float) -> None:
        """Stop serving at once, whatever `grace` allows, and remove the endpoint."""
        del grace
        launch = self._launches.pop(handle.launch_id, None)
        if launch is None:
            remove_left_endpoint(self._runtime_dir, handle.endpoint)
            return
        await launch.board.close()
        launch.endpoint.close()

    async def tail(self, handle: LaunchHandle, lines: int) -> str:
        """Return the last lines of what `say` was given."""
        return await self._logs.tail(Path(handle.log), lines) if handle.log else ""

    async def close(self) -> None:
        """Stop everything; nothing can be asked any more."""
        for launch in list(self._launches.values()):
            await self.stop(launch.handle, grace=0)
        await self._logs.close()
        self.unreachable = True

    async def release(self, launch_id: LaunchId) -> None:
        """Let a held board become ready."""
        launch = self._launches[launch_id]
        await launch.board.serve(launch.endpoint.listener)
        self._observe(launch, Running(launch.endpoint.path, ("fake board",)))

    async def crash(self, launch_id: LaunchId, code: int = -9, reason: str = "") -> None:
        """End a board as if its process had died with the exit status `code`."""
        launch = self._launches[launch_id]
        await launch.board.close()
        words = f"signal {-code}" if code < 0 else f"exit status {code}"
        self._observe(launch, Exited(code, reason or f"it ended with {words}"))

    def hang(self, launch_id: LaunchId, *, hanging: bool = True) -> None:
        """Let a board accept requests and never answer them."""
        self._launches[launch_id].board.hanging = hanging

    def trouble(self, launch_id: LaunchId, run: str, why: str) -> None:
        """Let a running board say what keeps a run out of a dashboard; "" is nothing any more."""
        launch = self._launches[launch_id]
        if isinstance(launch.observation, Running):
            others = {one: said for one, said in launch.observation.problems.items() if one != run}
            problems = {**others, run: why} if why else others
            self._observe(launch, replace(launch.observation, problems=problems))

    def say(self, launch_id: LaunchId, line: str) -> None:
        """Write a line to the board's log, as if to its stderr."""
        spec = self._launches[launch_id].spec
        self._logs.append(spec.log, f"{line}\n".encode(), limit=spec.log_bytes)

    def board(self, launch_id: LaunchId) -> FakeBoard:
        """Return what answers for a launch."""
        return self._launches[launch_id].board

    def _make(self, spec: LaunchSpec) -> _FakeLaunch:
        endpoint = Endpoint.bind(self._runtime_dir / spec.launch_id)
        handle = LaunchHandle(
            launch_id=spec.launch_id,
            launcher=self.name,
            pid=0,
            started=0,
            endpoint=str(endpoint.path),
            log=str(spec.log),
        )
        return _FakeLaunch(handle, endpoint, FakeBoard(spec), spec, Pending("held"))

    def _observe(self, launch: _FakeLaunch, observation: Observation) -> None:
        launch.observation = observation
        self._changed(launch.handle.launch_id)

    def _check_reachable(self) -> None:
        if self.unreachable:
            raise EngineUnreachableError("the fake engine was told to be unreachable")
