"""The seam between a board and the machine that runs its process.

The launcher makes the endpoint, starts and stops processes and tells what it sees of them.
It never decides: restarts, backoff and health belong to the supervisor and are the same for all.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self

from tbgateway.domain.names import BoardId, LaunchId


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSpec:
    """What to run: one generation of a board.

    Its TMPDIR is made below `scratch` and removed when it is stopped; what earlier generations
    left there goes too. `log` takes its stderr; two files, `log` and `log`.1, hold the newest
    `log_bytes` of it, and the generations of a board may share them.
    Links in `logdir` may lead to `readable` directories: the process can read nothing else of
    anybody's (where the kernel has Landlock), but what lies beside `descriptions`. That file may
    be missing, and be replaced by rename at any time; its directory is made.
    `isolation` "require" puts the Rust data server into a private network namespace or does
    without it; "prefer" lets it listen on loopback where namespaces are missing.
    After `release_data_after` seconds without a question the process lets go of what the data
    server has read, and reads it again for the next one; 0: never.
    `memory` is how many bytes its processes may take where the kernel can limit that; 0: no limit.
    """

    launch_id: LaunchId
    board_id: BoardId
    generation: int
    title: str
    logdir: Path
    scratch: Path
    log: Path
    log_bytes: int = 1_000_000
    isolation: Literal["require", "prefer"] = "require"
    loader: Literal["auto", "python"] = "auto"
    first_load_timeout: float = 60.0
    release_data_after: float = 0.0
    samples_per_plugin: Mapping[str, int] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    descriptions: Path | None = None
    memory: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchHandle:
    """What survives a restart of the gateway about a launched process.

    `pid` with `started` (the kernel's start time of that pid, in clock ticks since boot) names
    one process for ever; pid 0 means that there never was one. `log` is where its stderr goes.
    """

    launch_id: LaunchId
    launcher: str
    pid: int
    started: int
    endpoint: str
    log: str = ""

    def to_json(self) -> str:
        """Return the handle as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a handle back; raise ValueError if `text` is none."""
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError(f"not a launch handle: {text!r}") from error


@dataclass(frozen=True, slots=True)
class Pending:
    """Started, not ready: `reason` says what it is doing."""

    reason: str


@dataclass(frozen=True, slots=True)
class Running:
    """Its first load cycle has ended and it serves on `endpoint` (a unix socket's path).

    `notes` are said to operators: which loader runs, and why not the better one. `problems` are
    what keeps single runs out of a dashboard, by the run's name. One that `loads_itself` reads
    event files in the interpreter that answers requests too, and so may answer seconds late.
    """

    endpoint: Path
    notes: tuple[str, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    loads_itself: bool = False


@dataclass(frozen=True, slots=True)
class Exited:
    """It is over. `code` is the exit status, negative for a signal.

    `final` ends what another try would end again in the same way: it is not started anew by
    itself. What is to be done stands in `reason`.
    """

    code: int
    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody can say what became of it."""

    reason: str


Observation = Pending | Running | Exited | Lost

Changed = Callable[[LaunchId], None]
"""A hint that something happened to a launch; the supervisor then looks at once."""


class EngineUnreachableError(Exception):
    """The engine cannot be asked now. It says nothing about the processes it runs."""


class ShortageError(EngineUnreachableError):
    """Making a process takes descriptors, memory or processes of which too few are left now."""


class LaunchError(Exception):
    """A process could not be started; the text says why."""


class Launcher(Protocol):
    """Runs board processes. Given `changed` at construction; all calls from one event loop."""

    async def open(self) -> None:
        """Make ready to launch."""

    async def start(self, spec: LaunchSpec) -> LaunchHandle:
        """Bind the endpoint and start the process; idempotent by launch id.

        Return before it is ready. Raise LaunchError if it cannot be started and
        EngineUnreachableError if the engine cannot be asked: ShortageError if it lacks something.
        """

    async def observe(self) -> Mapping[LaunchId, Observation]:
        """Tell the truth about ALL launches that were started and not yet stopped.

        Raise EngineUnreachableError if the engine cannot be asked.
        """

    def pids(self) -> frozenset[int]:
        """Return the processes whose descendants are boards, those included."""

    def memory(self, pid: int) -> int:
        """Return the memory in bytes of one of the boards' processes (PSS); from any thread.

        Raise OSError if it has ended, or cannot be measured.
        """

    def limit_memory(self, memory: int) -> None:
        """Let each process take `memory` bytes from now on, where the kernel can limit that.

        0 is no limit. Return at once, before it is done.
        """

    async def stop(self, handle: LaunchHandle, *, grace: float) -> None:
        """End the process (SIGTERM, after `grace` seconds SIGKILL) and remove its endpoint.

        Idempotent; afterwards `observe` no longer lists it. Also ends processes of an earlier
        gateway, named by their persisted handle.
        """

    async def tail(self, handle: LaunchHandle, lines: int) -> str:
        """Return the last lines of what the process wrote to stderr."""

    async def close(self) -> None:
        """End every process this launcher started, and itself."""
