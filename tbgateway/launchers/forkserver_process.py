"""The gateway's end of a forkserver: its process, its connection, its answers."""

import asyncio
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import astuple
from typing import Protocol

import structlog

from tbgateway.domain.shortages import shortage_in
from tbgateway.launchers.forkserver_start import Started
from tbgateway.launchers.launcher import EngineUnreachableError, LaunchError, ShortageError
from tbgateway.launchers.pipe_reader import PipeReader
from tbgateway.launchers.plugin_notices import complain
from tbgateway.launchers.process_launcher import Born, HandOver
from tbgateway.worker.messages import Ended, Launched, Message, Order, Ready, Refused

log = structlog.get_logger(__name__)

_READY_WITHIN = 60.0  # seconds; it imports TensorBoard
_ANSWERS_WITHIN = 4.0  # seconds; a fork takes milliseconds, and to replace a busy one does no harm
_ENDS_WITHIN = 5.0  # seconds


class Audience(Protocol):
    """Who hears of a forkserver."""

    def ready(self, forkserver: "ForkserverProcess") -> None:
        """Know that it takes orders."""

    def send_signal(self, pid: int, started: int, number: signal.Signals) -> None:
        """Signal one of its boards, unless that has ended."""

    def exited(self, launch_id: str, pid: int, code: int) -> None:
        """Know how one of its boards ended: with this exit status, negative for a signal."""

    def gone(self, forkserver: "ForkserverProcess", orphans: Collection[str]) -> None:
        """Know that it has ended, and which launches serve on without it."""


class ForkserverProcess:
    """A running forkserver; `audience` hears of it and of its boards."""

    def __init__(self, start: Callable[[], Started], audience: Audience) -> None:
        """Raise OSError if `start` does."""
        self._audience = audience
        self._boards: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._answers: dict[str, asyncio.Future[Born]] = {}
        self._last_words: deque[str] = deque(maxlen=5)
        started = start()
        self._channel, self._process = started.channel, started.process
        self._stderr = PipeReader(started.stderr, self._overhear, lambda: None)
        self._connected = True
        self._was_ready = False
        self._retired = False
        self._ready = asyncio.Event()
        self._loop.add_reader(self._channel.fileno(), self._hear)

    @property
    def pid(self) -> int:
        """The process's number; 0 as long as its host has not told it."""
        return self._process.pid

    @property
    def was_ready(self) -> bool:
        """Whether it has ever got so far as to take orders."""
        return self._was_ready

    @property
    def connected(self) -> bool:
        """Whether it can be asked."""
        return self._connected

    async def until_ready(self, within: float = _READY_WITHIN) -> bool:
        """Wait until it takes orders, or cannot any more; whether it does.

        What is not ready in so many seconds hangs, and is killed.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._ready.wait()
                return self._connected
        self.give_up()
        return False

    def retire(self) -> None:
        """Have it fork no more, and end it when the last of its boards has ended."""
        self._retired = True
        self._leave_if_idle()

    async def fork(self, order: Order, hand_over: HandOver) -> Born:
        """Have a board forked; raise LaunchError or EngineUnreachableError.

        A forkserver that does not answer in time is killed.
        """
        answer: asyncio.Future[Born] = self._loop.create_future()
        self._answers[order.launch_id] = answer
        try:
            with suppress(ConnectionError):  # it has ended; why, is soon told by its last words
                hand_over(lambda descriptors: self._channel.send(order, astuple(descriptors)))
            async with asyncio.timeout(_READY_WITHIN):
                await self._ready.wait()
            async with asyncio.timeout(_ANSWERS_WITHIN):
                return await answer
        except OSError as error:  # a TimeoutError is one too
            answer.cancel()
            if shortage_in(error):  # in sending: nothing is known against it
                raise ShortageError(f"no order to the forkserver: {error.strerror}") from error
            self.give_up()
            raise EngineUnreachableError("the forkserver does not answer") from error
        finally:
            del self._answers[order.launch_id]
            self._leave_if_idle()

    async def close(self) -> None:
        """End it, and every board it forked."""
        if self._connected:
            self._disconnect()
        await asyncio.to_thread(self._see_off)
        self._stderr.close()

    def _hear(self) -> None:
        try:
            received = self._channel.receive()
        except BlockingIOError:
            return
        except OSError:
            received = None
        if received is not None:
            self._understand(received.message)
            return
        self.give_up()

    def _understand(self, message: Message) -> None:
        match message:
            case Ready(problems):
                self._was_ready = True
                self._ready.set()
                complain(problems)
                self._audience.ready(self)
            case Launched(launch_id, pid, started):
                self._launched(launch_id, Born(pid, started))
            case Refused(launch_id, reason):
                # Only fork() makes it refuse, and that only fails for want of something.
                self._refused(launch_id, ShortageError(reason))
            case Ended(launch_id, pid, code):
                self._boards.discard(launch_id)
                self._audience.exited(launch_id, pid, code)
                self._leave_if_idle()

    def _launched(self, launch_id: str, born: Born) -> None:
        self._boards.add(launch_id)
        answer = self._answers.get(launch_id)
        if answer is None or answer.done():  # nobody waits for it any more, nobody would stop it
            self._audience.send_signal(born.pid, born.started, signal.SIGKILL)
        else:
            answer.set_result(born)

    def _refused(self, launch_id: str, error: LaunchError | EngineUnreachableError) -> None:
        answer = self._answers.get(launch_id)
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def give_up(self) -> None:
        """Kill it, unless it has ended; its boards serve on."""
        if self._connected:
            # First: one that only was slow would take its boards along when it is disconnected.
            self._process.kill()
            self._disconnect()
            self._mourn()

    def _leave_if_idle(self) -> None:
        """End it in order, once nobody needs it any more."""
        if self._retired and self._connected and not (self._boards or self._answers):
            self._disconnect()
            self._ready.set()
            self._loop.run_in_executor(None, self._see_off).add_done_callback(self._left)

    def _left(self, _done: object) -> None:
        self._stderr.drain()
        self._stderr.close()
        self._audience.gone(self, frozenset())

    def _disconnect(self) -> None:
        self._connected = False
        self._loop.remove_reader(self._channel.fileno())
        self._channel.close()

    def _mourn(self) -> None:
        self._loop.run_in_executor(None, self._process.wait)
        self._stderr.drain()
        log.error("the forkserver ended", last_words=list(self._last_words))
        words = f"the forkserver ended: {' '.join(self._last_words) or 'it said nothing'}"
        for launch_id in self._answers:
            # One that never got ready would end again; of another there is a new one at once.
            error = EngineUnreachableError(words) if self._was_ready else LaunchError(words)
            self._refused(launch_id, error)
        self._ready.set()  # nobody need wait for that any more
        self._audience.gone(self, frozenset(self._boards))

    def _see_off(self) -> None:
        try:
            self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _overhear(self, chunk: bytes) -> None:
        for line in chunk.decode(errors="replace").splitlines():
            self._last_words.append(line)
            log.warning("the forkserver wrote", line=line)
