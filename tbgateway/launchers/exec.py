"""The plain launcher: a fresh interpreter per board. Slower and larger; needs no forkserver."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import ClassVar

from tbgateway.launchers.board_groups import BoardGroups
from tbgateway.launchers.launcher import Changed
from tbgateway.launchers.plugin_notices import announce, complain, rehearse
from tbgateway.launchers.process_launcher import Born, HandOver, ProcessLauncher
from tbgateway.launchers.why_not import why_not
from tbgateway.launchers.worker_process import module_command, spawn_worker, why_not_spawned
from tbgateway.worker import kernel
from tbgateway.worker.channel import Channel, Descriptors
from tbgateway.worker.messages import Order
from tbgateway.worker.options import Options


class ExecLauncher(ProcessLauncher):
    """Runs each board as `python -m tbgateway.worker.single`.

    Boards without assets leave TensorBoard's web files to the gateway. `plugins` names the
    third-party plugins that are allowed: they are tried once, before the first board.
    """

    name: ClassVar[str] = "exec"

    def __init__(
        self,
        runtime_dir: Path,
        changed: Changed,
        *,
        with_assets: bool = True,
        plugins: Sequence[str] = (),
        groups: BoardGroups | None = None,
    ) -> None:
        super().__init__(runtime_dir, changed, groups)
        self._options = Options(with_assets=with_assets, plugins=tuple(plugins))
        self._undertakers: set[threading.Thread] = set()

    async def open(self) -> None:
        """Find out which plugins work, too."""
        await super().open()
        await asyncio.to_thread(announce, self._options.plugins)
        if self._options.plugins:
            self._options = await asyncio.to_thread(rehearse, self._options)
            complain(self._options.left_out)

    async def make(self, order: Order, hand_over: HandOver) -> Born:
        """Start an interpreter and give it its order."""
        command = module_command("tbgateway.worker.single", *self._options.arguments())
        try:
            process = hand_over(partial(_spawn, command, order))
        except OSError as error:
            raise why_not("no process for a board", error, why_not_spawned(error)) from error
        self._watch(process, order.launch_id)
        return Born(process.pid, kernel.started_at(process.pid))

    async def close(self) -> None:
        """Kill every board and wait until all are buried."""
        await super().close()
        for undertaker in list(self._undertakers):
            await asyncio.to_thread(undertaker.join)

    def _watch(self, process: subprocess.Popen[bytes], launch_id: str) -> None:
        loop = asyncio.get_running_loop()

        def wait() -> None:
            code = _bury(process)
            with suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(self.exited, launch_id, process.pid, code)
            self._undertakers.discard(threading.current_thread())

        # A thread for each: waiting for a child needs nothing but waitid() on every kernel.
        undertaker = threading.Thread(target=wait, name=f"wait for {launch_id}", daemon=True)
        self._undertakers.add(undertaker)
        undertaker.start()


def _spawn(
    command: Sequence[str], order: Order, descriptors: Descriptors
) -> subprocess.Popen[bytes]:
    ours, theirs = Channel.pair()
    try:
        ours.send(order, astuple(descriptors))
        return spawn_worker(command, theirs, stderr=descriptors.stderr)
    finally:
        ours.close()
        theirs.close()


def _bury(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end, kill what it leaves behind, and return its exit status."""
    # Looked at before it is reaped: until then its group's number cannot be used again.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()
