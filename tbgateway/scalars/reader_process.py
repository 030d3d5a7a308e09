"""The gateway's end of a process that reads scalars."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TypeVar

import structlog

from tbgateway.worker.scalar_messages import (
    Answer,
    NonsenseError,
    Turn,
    decode_answer,
    decode_hello,
)

log = structlog.get_logger(__name__)

_T = TypeVar("_T")
_LONGEST_LINE = 1_048_576  # bytes; an answer has some ten thousand
_LAST_WORDS = 4096  # bytes
_ENDS_WITHIN = 2.0  # seconds, when it is asked to
_KILLED_WITHIN = 5.0  # seconds; longer only in an uninterruptible wait for a disk


class ReaderLostError(Exception):
    """The process ended, hangs, or talks nonsense."""


class ReaderProcess:
    """A process that reads; answers one turn at a time, each within `patience` seconds."""

    def __init__(self, process: Process, patience: float) -> None:
        self._process = process
        self._patience = patience
        self._greeted = False
        self._killed = False
        self.started_at = asyncio.get_running_loop().time()
        """When, by the event loop's clock."""

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: Mapping[str, str], patience: float
    ) -> "ReaderProcess":
        """Start `command`; raise ReaderLostError if it cannot be started.

        To be called in the main thread: the kernel kills the process when the thread that made it
        ends.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                cwd="/",
                env=environment,
                limit=_LONGEST_LINE,
                start_new_session=True,
            )
        except OSError as error:
            raise ReaderLostError(f"it cannot be started: {error.strerror}") from error
        return cls(process, patience)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is over."""
        return self._process.returncode is not None

    async def ask(self, turn: Turn) -> Answer:
        """Have it read on; raise ReaderLostError."""
        if self._killed:
            raise ReaderLostError("it was killed and is still there: a disk does not answer")
        try:
            async with asyncio.timeout(self._patience):
                return await self._ask(turn)
        except TimeoutError as error:
            raise ReaderLostError(f"it did not answer within {self._patience:g} s") from error
        except (OSError, EOFError) as error:
            raise ReaderLostError("it ended") from error
        except (NonsenseError, ValueError) as error:  # the latter: a line without end
            raise ReaderLostError("it talks nonsense") from error

    async def _ask(self, turn: Turn) -> Answer:
        if not self._greeted:
            self._greet(await self._hear())
        stdin = _present(self._process.stdin)
        stdin.write(turn.line)
        await stdin.drain()
        answer = decode_answer(await self._hear())
        if answer.experiment != turn.experiment:
            raise NonsenseError("an answer to another question")
        return answer

    async def _hear(self) -> bytes:
        line = await _present(self._process.stdout).readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line

    def _greet(self, line: bytes) -> None:
        self._greeted = True
        unconfined = decode_hello(line).unconfined
        if unconfined:
            log.warning("what reads scalars could read other files, too", reason=unconfined)

    async def close(self) -> None:
        """Have it end; if it does not, make it."""
        with suppress(OSError):
            _present(self._process.stdin).close()
        if not await self._ends_within(_ENDS_WITHIN):
            await self.kill()

    async def kill(self) -> str:
        """End it at once; return what it said last, if anything."""
        self._killed = True
        with suppress(ProcessLookupError):
            self._process.kill()
        if not await self._ends_within(_KILLED_WITHIN):
            log.warning("a killed process is still there", pid=self.pid)
            return ""
        said = await _present(self._process.stderr).read()
        return said[-_LAST_WORDS:].decode(errors="replace").strip()

    async def _ends_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._process.wait()
        return self.ended


def _present(stream: _T | None) -> _T:
    if stream is None:  # asyncio leaves out what is no pipe, and all of these are
        raise EOFError
    return stream
