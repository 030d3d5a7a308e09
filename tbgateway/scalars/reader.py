"""Whoever reads scalars: one process, when there is something to read, and none otherwise."""

import asyncio
from collections.abc import Mapping, Sequence

import structlog

from tbgateway.scalars.reader_process import ReaderLostError, ReaderProcess
from tbgateway.worker.scalar_messages import Answer, Turn

log = structlog.get_logger(__name__)

_PATIENCE = 30.0  # seconds; a turn takes a twentieth of one where disks answer
_FIRST_PAUSE = 0.25  # seconds
_LONGEST_PAUSE = 30.0  # seconds
_MOST_COUNTED = 10


class Reader:
    """Starts the process `command` on demand, with nothing but `environment`."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        patience: float = _PATIENCE,
    ) -> None:
        self._command = command
        self._environment = environment
        self._patience = patience
        self._process: ReaderProcess | None = None
        self.turns = 0
        """How many turns were answered."""
        self._in_a_row = 0
        self._effort = 0.0
        self.losses = 0
        """How many processes were lost while they read."""

    def __repr__(self) -> str:
        """Tell whether it runs, and what it did."""
        running = "nothing runs" if self._process is None else f"process {self._process.pid}"
        return f"<Reader: {running}, {self.turns} turns, {self.losses} lost>"

    def pids(self) -> frozenset[int]:
        """Return the process, if there is one."""
        return frozenset() if self._process is None else frozenset({self._process.pid})

    @property
    def age(self) -> float:
        """How many seconds the process runs; 0 if there is none."""
        if self._process is None:
            return 0.0
        return asyncio.get_running_loop().time() - self._process.started_at

    async def ask(self, turn: Turn) -> Answer:
        """Have it read on; raise ReaderLostError, and begin with a new process the next time."""
        began = asyncio.get_running_loop().time()
        try:
            process = await self._running()
            answer = await process.ask(turn)
        except ReaderLostError as error:
            await self._mourn(turn, error)
            raise
        finally:
            self._effort += asyncio.get_running_loop().time() - began
        self.turns += 1
        self._in_a_row = 0
        return answer

    @property
    def effort(self) -> float:
        """How many seconds the process took to read what it knows; 0 if there is none."""
        return 0.0 if self._process is None else self._effort

    @property
    def pause(self) -> float:
        """How many seconds to wait before it is asked again, after it was lost."""
        return min(_FIRST_PAUSE * 2.0 ** (self._in_a_row - 1), _LONGEST_PAUSE)

    async def put_down(self) -> None:
        """End the process; what it remembered is read anew when it is asked for."""
        if self._process is not None:
            await self._process.close()
            self._forget_ended()

    async def _mourn(self, turn: Turn, error: ReaderLostError) -> None:
        self.losses += 1
        self._in_a_row = min(self._in_a_row + 1, _MOST_COUNTED)
        said = "" if self._process is None else await self._process.kill()
        log.warning(
            "what reads scalars was lost",
            experiment=turn.experiment,
            reason=str(error),
            last_words=said,
        )

    async def _running(self) -> ReaderProcess:
        self._forget_ended()
        if self._process is None:
            self._effort = 0.0
            self._process = await ReaderProcess.start(
                self._command, self._environment, self._patience
            )
        return self._process

    def _forget_ended(self) -> None:
        if self._process is not None and self._process.ended:
            self._process = None
