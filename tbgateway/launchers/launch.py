"""One launched board process as its launcher sees it."""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from typing import TypeVar

import structlog

from tbgateway.launchers.board_log import BoardLogs
from tbgateway.launchers.end_watch import EndWatch
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

_NOBODY_SAW = "it ended; how, only its forkserver could have told, which ended before"
_MOST_PROBLEMS = 1000  # runs of one board
_LONGEST_LINE = 64 * 1024  # bytes; what a board says of itself is far shorter


class Launch:
    """A board's socket, its log and what it says of itself; `changed` is called for news.

    The process itself says that it serves. How it ended is said by whoever made it (`exited`);
    when that one is gone (`orphan`) it serves on, and the kernel says that it ended.
    It dies as soon as `close` lets go of its lifeline, as do others of its process group.
    """

    def __init__(
        self,
        spec: LaunchSpec,
        endpoint: Endpoint,
        logs: BoardLogs,
        changed: Callable[[], None],
        over_memory: Callable[[], str] = lambda: "",
    ) -> None:
        """Raise OSError if there are no descriptors left for its pipes.

        `over_memory` says so if the kernel ended the process for the memory it took, else "".
        """
        self.spec = spec
        self.endpoint = endpoint
        self.handle: LaunchHandle | None = None
        self.observation: Observation = Pending("starting a process")
        self._changed = changed
        self._over_memory = over_memory
        self._failure = ""
        self._problems: Mapping[str, str] = {}
        self._unread = b""
        self._silent = False
        self._orphaned = False
        self._end_watch: EndWatch | None = None
        self._unsent = ExitStack()
        self._lifeline = ExitStack()
        (status, self._status_end), (stderr, self._stderr_end), lifeline = _three_pipes()
        self._lifeline_end, ours = lifeline
        for end in (self._status_end, self._stderr_end, self._lifeline_end):
            self._unsent.callback(os.close, end)
        self._lifeline.callback(os.close, ours)
        self._status = PipeReader(status, self._hear, self._fall_silent)
        self._log = LogPump(stderr, logs, spec.log, spec.log_bytes)

    def __repr__(self) -> str:
        """Tell which launch it is and how it stands."""
        return f"<Launch {self.spec.launch_id} {self.observation}>"

    def hand_over(self, send: Callable[[Descriptors], _T]) -> _T:
        """Let `send` give the process its ends of everything; keep no copy of the pipes' ends."""
        listener = self.endpoint.listener.fileno()
        try:
            return send(
                Descriptors(listener, self._stderr_end, self._status_end, self._lifeline_end)
            )
        finally:
            self._unsent.close()

    def born(self, handle: LaunchHandle) -> None:
        """Its process exists, and is known by `handle`."""
        self.handle = handle
        if self._orphaned:
            self._watch_for_end(handle)

    def exited(self, code: int) -> None:
        """Its process ended with the exit status `code`, negative for a signal."""
        self._lifeline.close()
        self._status.drain()
        self._log.drain()
        self._end(Exited(code, self._failure or _describe(code)))

    def orphan(self) -> None:
        """Whoever made it, and would say how it ends, is gone; it serves on."""
        self._orphaned = True
        self._lose_if_silent()
        if self.handle is not None:
            self._watch_for_end(self.handle)

    def drain_log(self) -> None:
        """Take what it wrote up to now."""
        self._log.drain()

    def close(self) -> None:
        """Remove the endpoint, stop listening to the process, and end it if it still runs."""
        self._lifeline.close()
        self._unsent.close()
        if self._end_watch is not None:
            self._end_watch.close()
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
            case Serving(notes, loads_itself):
                said = (tuple(notes), self._problems, loads_itself)
                self._observe(Running(self.endpoint.path, *said))
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
            self._lose()

    def _watch_for_end(self, handle: LaunchHandle) -> None:
        if self._end_watch is None:
            self._end_watch = EndWatch(handle.pid, handle.started, self._ended)

    def _ended(self, code: int | None) -> None:
        if code is None:
            self._lose()
        else:
            self.exited(code)

    def _lose(self) -> None:
        self._lifeline.close()
        self._status.drain()
        self._log.drain()
        self._end(Lost(self._failure or _NOBODY_SAW))

    def _end(self, observation: Exited | Lost) -> None:
        over = self._over_memory()
        self._observe(Exited(-signal.SIGKILL, over, final=True) if over else observation)

    def _observe(self, observation: Observation) -> None:
        over = isinstance(self.observation, Exited | Lost)
        if not over and observation != self.observation:
            self.observation = observation
            self._changed()


def _changed(problems: Mapping[str, str], run: str, why: str) -> Mapping[str, str]:
    others = {name: problem for name, problem in problems.items() if name != run}
    return {**others, run: why} if why and len(others) < _MOST_PROBLEMS else others


def _three_pipes() -> Sequence[tuple[int, int]]:
    pipes: list[tuple[int, int]] = []
    try:
        pipes.extend(os.pipe() for _ in range(3))  # one by one: what was made is known
    except OSError:
        for end in chain(*pipes):
            os.close(end)
        raise
    return pipes


def _describe(code: int) -> str:
    if code >= 0:
        return f"it ended with exit status {code}"
    try:
        return f"it was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was killed by signal {-code}"
