"""The usual launcher: boards are forked from a process that has TensorBoard imported already."""

import asyncio
import signal
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import structlog

from tbgateway.launchers.board_groups import BoardGroups
from tbgateway.launchers.forkserver_process import ForkserverProcess
from tbgateway.launchers.forkserver_start import Started, start_child
from tbgateway.launchers.host_link import HostLink
from tbgateway.launchers.installation import Installation
from tbgateway.launchers.installation_watch import InstallationWatch
from tbgateway.launchers.launcher import Changed
from tbgateway.launchers.plugin_notices import announce
from tbgateway.launchers.process_launcher import Born, HandOver, ProcessLauncher
from tbgateway.launchers.why_not import why_not
from tbgateway.launchers.worker_process import module_command, why_not_spawned
from tbgateway.worker.messages import Order
from tbgateway.worker.options import Options

_NEVER_READY = "all third-party plugins are left out: with them no process got ready for boards"
_SUCCESSOR_WITHIN = 30.0  # seconds; who waits for a board waits twice as long
_LOOK_EVERY = 5.0  # seconds; a few dozen calls of stat()

log = structlog.get_logger(__name__)


class ForkserverLauncher(ProcessLauncher):
    """Keeps one forkserver for new boards; those of earlier ones serve on.

    A new one is started when it has ended, and when TensorBoard or an allowed plugin was installed
    anew: as soon as that one is ready it takes over, and the old one ends with its last board.

    `command` runs the forkserver; it gets options, a descriptor and a pid as its last arguments.
    Boards without assets leave TensorBoard's web files to the gateway. `plugins` names the
    third-party plugins that are allowed. With a `host`, that one starts them, under its own user.
    """

    name: ClassVar[str] = "forkserver"

    def __init__(
        self,
        runtime_dir: Path,
        changed: Changed,
        *,
        command: Sequence[str] | None = None,
        with_assets: bool = True,
        plugins: Sequence[str] = (),
        groups: BoardGroups | None = None,
        host: HostLink | None = None,
    ) -> None:
        super().__init__(runtime_dir, changed, groups)
        self._host = host
        self._plugins = tuple(plugins)
        self._wanted = Options(with_assets=with_assets, plugins=self._plugins)
        self._options = self._wanted
        self._command = tuple(command or module_command("tbgateway.worker"))
        self._watch = InstallationWatch(Installation(self._plugins))
        self._next_look: asyncio.TimerHandle | None = None
        self._forkserver: ForkserverProcess | None = None
        self._successor: ForkserverProcess | None = None
        self._processes: set[ForkserverProcess] = set()

    async def open(self) -> None:
        """Start the forkserver too; it imports TensorBoard while the gateway gets ready."""
        await super().open()
        self._living_forkserver()
        await asyncio.to_thread(self._watch.changed)
        await asyncio.to_thread(announce, self._plugins)
        self._look_later()

    async def make(self, order: Order, hand_over: HandOver) -> Born:
        """Have the board forked, by a new forkserver if need be."""
        if self._watch.stirred() and await asyncio.to_thread(self._watch.changed):
            self._begin_succession()
        if self._successor is not None:
            await self._successor.until_ready(_SUCCESSOR_WITHIN)
        if self._host is not None:  # whose user can write nothing of ours
            order = replace(order, temporary="")
        return await self._living_forkserver().fork(order, hand_over)

    def pids(self) -> frozenset[int]:
        """Return the forkservers and the boards."""
        forkservers = {forkserver.pid for forkserver in self._processes}
        return super().pids() | (forkservers - {0})

    def send_signal(self, pid: int, started: int, number: signal.Signals) -> None:
        """Signal that one process, unless it has ended."""
        if self._host is None:
            super().send_signal(pid, started, number)
        else:
            self._host.send_signal(pid, started, number)

    def memory(self, pid: int) -> int:
        """Return the memory (PSS) of one of the processes in bytes, in any thread."""
        return super().memory(pid) if self._host is None else self._host.memory(pid)

    async def close(self) -> None:
        """Kill every board, then end the forkservers."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        await super().close()
        self._forkserver = self._successor = None
        await asyncio.gather(*(forkserver.close() for forkserver in self._processes))
        self._processes.clear()

    def ready(self, forkserver: ForkserverProcess) -> None:
        """Let a successor take over, now that it can."""
        if forkserver is self._successor:
            old, self._forkserver, self._successor = self._forkserver, forkserver, None
            self._options = self._wanted
            log.info("a new forkserver took over", pid=forkserver.pid)
            if old is not None:
                old.retire()

    def gone(self, forkserver: ForkserverProcess, orphans: Collection[str]) -> None:
        """Keep an eye on the boards it leaves; do without a successor that never got ready."""
        self._processes.discard(forkserver)
        self.orphan(orphans)
        if forkserver is self._successor:
            self._successor = None
            log.error("boards go on with TensorBoard and plugins as they were before the change")

    def _living_forkserver(self) -> ForkserverProcess:
        if self._forkserver is None or not self._forkserver.connected:
            if self._forkserver is not None and not self._forkserver.was_ready:
                self._do_without_plugins()
            try:
                self._forkserver = self._spawned(self._options)
            except OSError as error:
                raise why_not("no forkserver", error, why_not_spawned(error)) from error
        return self._forkserver

    def _spawned(self, options: Options) -> ForkserverProcess:
        forkserver = ForkserverProcess(partial(self._begin, options), self)
        self._processes.add(forkserver)
        return forkserver

    def _begin(self, options: Options) -> Started:
        if self._host is None:
            return start_child((*self._command, *options.arguments()))
        return self._host.start(options)

    def _do_without_plugins(self) -> None:
        """Keep what may hang, or end, each forkserver when it is imported from all boards."""
        if self._options.plugins:
            self._options = replace(self._options, plugins=(), left_out=(_NEVER_READY,))

    def _begin_succession(self) -> None:
        """Start a forkserver of what is installed now; the present one forks until it is ready."""
        log.info("TensorBoard, or what it loads, was installed anew: a new forkserver starts")
        if self._successor is not None:  # it was made in the midst of that
            self._successor.give_up()
        try:
            self._successor = self._spawned(self._wanted)
        except OSError as error:
            log.warning("no new forkserver", reason=why_not_spawned(error))

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._next_look = loop.call_later(_LOOK_EVERY, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        looked = loop.run_in_executor(None, self._watch.changed)
        looked.add_done_callback(self._looked)

    def _looked(self, looked: asyncio.Future[bool]) -> None:
        if self._next_look is None or looked.cancelled():  # closed meanwhile
            return
        error = looked.exception()
        if error is not None:
            log.error("looking for a new TensorBoard failed", exc_info=error)
        elif looked.result():
            self._begin_succession()
        self._look_later()
