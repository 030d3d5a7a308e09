"""The usual launcher: boards are forked from a process that has TensorBoard imported already."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import structlog

from tbgateway.launchers.forkserver_process import ForkserverProcess
from tbgateway.launchers.launcher import Changed, LaunchError
from tbgateway.launchers.plugin_notices import announce
from tbgateway.launchers.process_launcher import Born, HandOver, ProcessLauncher
from tbgateway.launchers.worker_process import module_command, why_not_spawned
from tbgateway.worker.messages import Order
from tbgateway.worker.options import Options

_NEVER_READY = "all third-party plugins are left out: with them no process got ready for boards"

log = structlog.get_logger(__name__)


class ForkserverLauncher(ProcessLauncher):
    """Keeps one forkserver; a new one is started when the old one has ended.

    `command` runs the forkserver; it gets options, a descriptor and a pid as its last arguments.
    Boards without assets leave TensorBoard's web files to the gateway. `plugins` names the
    third-party plugins that are allowed.
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
    ) -> None:
        super().__init__(runtime_dir, changed)
        self._plugins = tuple(plugins)
        self._options = Options(with_assets=with_assets, plugins=self._plugins)
        self._command = tuple(command or module_command("tbgateway.worker"))
        self._forkserver: ForkserverProcess | None = None

    async def open(self) -> None:
        """Start the forkserver too; it imports TensorBoard while the gateway gets ready."""
        await super().open()
        self._living_forkserver()
        await asyncio.to_thread(announce, self._plugins)

    async def make(self, order: Order, hand_over: HandOver) -> Born:
        """Have the board forked, by a new forkserver if need be."""
        return await self._living_forkserver().fork(order, hand_over)

    def pids(self) -> frozenset[int]:
        """Return the forkserver and the boards."""
        forkserver = self._forkserver
        return super().pids() | (frozenset() if forkserver is None else {forkserver.pid})

    async def close(self) -> None:
        """Kill every board, then end the forkserver."""
        await super().close()
        if self._forkserver is not None:
            await self._forkserver.close()
            self._forkserver = None

    def _living_forkserver(self) -> ForkserverProcess:
        if self._forkserver is None or not self._forkserver.connected:
            if self._forkserver is not None and not self._forkserver.was_ready:
                self._do_without_plugins()
            command = (*self._command, *self._options.arguments())
            try:
                self._forkserver = ForkserverProcess(command, self.exited, self.orphan_all)
            except OSError as error:
                raise LaunchError(f"no forkserver: {why_not_spawned(error)}") from error
        return self._forkserver

    def _do_without_plugins(self) -> None:
        """Keep what may hang, or end, each forkserver when it is imported from all boards."""
        if self._options.plugins:
            self._options = replace(self._options, plugins=(), left_out=(_NEVER_READY,))
