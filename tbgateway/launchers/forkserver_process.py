"""The gateway's end of a forkserver: its process, its connection, its answers."""

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import astuple

import structlog

from tbgateway.launchers.launcher import EngineUnreachableError, LaunchError
from tbgateway.launchers.pipe_reader import PipeReader
from tbgateway.launchers.plugin_notices import complain
from tbgateway.launchers.process_launcher import Born, HandOver
from tbgateway.launchers.processes import send_signal
from tbgateway.launchers.worker_process import spawn_worker
from tbgateway.worker.channel import Channel
from tbgateway.worker.messages import Ended, Launched, Message, Order, Ready, Refused

log = structlog.get_logger(__name__)

_READY_WITHIN = 60.0  # seconds; it imports TensorBoard
_ANSWERS_WITHIN = 10.0  # seconds; a fork takes milliseconds
_ENDS_WITHIN = 5.0  # seconds


class ForkserverProcess:
    """A running forkserver.

    `exited` is called with launch id, pid and exit status of each board that ends; `gone` once,
    when the forkserver itself has ended.
    """

    def __init__(
        self,
        command: Sequence[str],
        exited: Callable[[str, int, int], None],
        gone: Callable[[], None],
    ) -> None:
        self._exited = exited
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._answers: dict[str, asyncio.Future[Born]] = {}
        self._last_words: deque[str] = deque(maxlen=5)
        self._channel, self._process, stderr = _spawn(command)
        self._stderr = PipeReader(stderr, self._overhear, lambda: None)
        self._connected = True
        self._was_ready = False
        self._ready = asyncio.Event()
        self._loop.add_reader(self._channel.fileno(), self._hear)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def was_ready(self) -> bool:
        """Whether it has ever got so far as to take orders."""
        return self._was_ready

    @property
    def connected(self) -> bool:
        """Whether it can be asked."""
        return self._connected

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
            self._give_up()
            raise EngineUnreachableError("the forkserver does not answer") from error
        finally:
            del self._answers[order.launch_id]

    async def close(self) -> None:
        """End it, and every board it forked."""
        if self._connected:
            self._disconnect()
        try:
            await asyncio.to_thread(self._process.wait, _ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
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
        self._give_up()

    def _understand(self, message: Message) -> None:
        match message:
            case Ready(problems):
                self._was_ready = True
                self._ready.set()
                complain(problems)
            case Launched(launch_id, pid, started):
                self._launched(launch_id, Born(pid, started))
            case Refused(launch_id, reason):
                self._refused(launch_id, LaunchError(reason))
            case Ended(launch_id, pid, code):
                self._exited(launch_id, pid, code)

    def _launched(self, launch_id: str, born: Born) -> None:
        answer = self._answers.get(launch_id)
        if answer is None or answer.done():  # nobody waits for it any more, nobody would stop it
            send_signal(born.pid, born.started, signal.SIGKILL)
        else:
            answer.set_result(born)

    def _refused(self, launch_id: str, error: LaunchError) -> None:
        answer = self._answers.get(launch_id)
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def _give_up(self) -> None:
        if self._connected:
            self._disconnect()
            self._mourn()

    def _disconnect(self) -> None:
        self._connected = False
        self._loop.remove_reader(self._channel.fileno())
        self._channel.close()

    def _mourn(self) -> None:
        self._process.kill()  # it has closed its connection or hangs; now it surely ends
        self._loop.run_in_executor(None, self._process.wait)
        self._stderr.drain()
        log.error("the forkserver ended", last_words=list(self._last_words))
        for launch_id in self._answers:
            words = " ".join(self._last_words) or "it said nothing"
            self._refused(launch_id, LaunchError(f"the forkserver ended: {words}"))
        self._ready.set()  # nobody need wait for that any more
        self._gone()

    def _overhear(self, chunk: bytes) -> None:
        for line in chunk.decode(errors="replace").splitlines():
            self._last_words.append(line)
            log.warning("the forkserver wrote", line=line)


def _spawn(command: Sequence[str]) -> tuple[Channel, subprocess.Popen[bytes], int]:
    with ExitStack() as on_failure, ExitStack() as always:
        ours, theirs = Channel.pair()
        on_failure.callback(ours.close)
        always.callback(theirs.close)
        reading, writing = os.pipe()
        on_failure.callback(os.close, reading)
        always.callback(os.close, writing)
        process = spawn_worker(command, theirs, stderr=writing)
        on_failure.pop_all()
    ours.set_blocking(blocking=False)
    return ours, process, reading
