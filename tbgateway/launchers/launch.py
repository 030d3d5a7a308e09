"""One launched board process as its launcher sees it."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar

import structlog

from tbgateway.launchers.board_log import BoardLogs
from tbgateway.launchers.endpoint import Endpoint
from tbgateway.launchers.launcher import (
    Exited,
    LaunchHandle,
    LaunchSpec,
    Lost,
    Observation,
    Pending,
    Running,
)
from tbgateway.launchers.log_pump import LogPump
from tbgateway.launchers.pipe_reader import PipeReader
from tbgateway.worker.channel import Descriptors
from tbgateway.worker.messages import Failed, Loading, Serving, Trouble, decode

log = structlog.get_logger(__name__)

_T = TypeVar("_T")

_MOST_PROBLEMS = 1000  # runs of one board
_LONGEST_LINE = 64 * 1024  # bytes; what a board says of itself is far shorter


class Launch:
    """A board's socket, its log and what it says of itself; `changed` is called for news.

    The process itself says that it serves. How it ended is said by whoever made it (`exited`);
    when that one is gone too (`orphan`), the end of the status pipe says that it ended.
    """

    def __init__(
        self, spec: LaunchSpec, endpoint: Endpoint, logs: BoardLogs, changed: Callable[[], None]
    ) -> None:
        """Raise OSError if there are no descriptors left for its pipes."""
        self.spec = spec
        self.endpoint = endpoint
        self.handle: LaunchHandle | None = None
        self.observation: Observation = Pending("starting a process")
        self._changed = changed
        self._failure = ""
        self._problems: Mapping[str, str] = {}
        self._unread = b""
        self._silent = False
        self._orphaned = False
        (status, self._status_end), (stderr, self._stderr_end) = _two_pipes()
        self._unsent = ExitStack()
        for end in (self._status_end, self._stderr_end):
            self._unsent.callback(os.close, end)
        self._status = PipeReader(status, self._hear, self._fall_silent)
        self._log = LogPump(stderr, logs, spec.log, spec.log_bytes)

    def __repr__(self) -> str:
        """Tell which launch it is and how it stands."""
        return f"<Launch {self.spec.launch_id} {self.observation}>"

    def hand_over(self, lifeline: int, send: Callable[[Descriptors], _T]) -> _T:
        """Let `send` give the process its ends of everything; keep no copy of the pipes' ends."""
        listener = self.endpoint.listener.fileno()
        try:
            return send(Descriptors(listener, self._stderr_end, self._status_end, lifeline))
        finally:
            self._unsent.close()

    def exited(self, code: int) -> None:
        """Its process ended with the exit status `code`, negative for a signal."""
        self._status.drain()
        self._log.drain()
        self._observe(Exited(code, self._failure or _describe(code)))

    def orphan(self) -> None:
        """Nobody is left who could say how it ends."""
        self._orphaned = True
        self._lose_if_silent()

    def drain_log(self) -> None:
        """Take what it wrote up to now."""
        self._log.drain()

    def close(self) -> None:
        """Remove the endpoint and stop listening to the process."""
        self._unsent.close()
        self._status.close()
        self._log.close()
        self.endpoint.close()

    def _hear(self, chunk: bytes) -> None:
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        self._unread = self._unread[-_LONGEST_LINE:]
        for line in lines:
            try:
                self._understand(line)
            except ValueError as error:
                log.warning("a board says nonsense", launch=self.spec.launch_id, reason=str(error))

    def _understand(self, line: bytes) -> None:
        match decode(line):
            case Loading(what):
                self._observe(Pending(what))
            case Serving(notes):
                self._observe(Running(self.endpoint.path, tuple(notes), self._problems))
            case Trouble(run, why):
                self._problems = _changed(self._problems, run, why)
                if isinstance(self.observation, Running):
                    self._observe(replace(self.observation, problems=self._problems))
            case Failed(reason):
                self._failure = reason

    def _fall_silent(self) -> None:
        self._silent = True
        self._lose_if_silent()

    def _lose_if_silent(self) -> None:
        if self._silent and self._orphaned:
            self._observe(Lost(self._failure or "the forkserver ended, and the board with it"))

    def _observe(self, observation: Observation) -> None:
        over = isinstance(self.observation, Exited | Lost)
        if not over and observation != self.observation:
            self.observation = observation
            self._changed()


def _changed(problems: Mapping[str, str], run: str, why: str) -> Mapping[str, str]:
    others = {name: problem for name, problem in problems.items() if name != run}
    return {**others, run: why} if why and len(others) < _MOST_PROBLEMS else others


def _two_pipes() -> tuple[tuple[int, int], tuple[int, int]]:
    first = os.pipe()
    try:
        return first, os.pipe()
    except OSError:
        for end in first:
            os.close(end)
        raise


def _describe(code: int) -> str:
    if code >= 0:
        return f"it ended with exit status {code}"
    try:
        return f"it was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was killed by signal {-code}"
