"""From a board's stderr to its log."""

import asyncio
from pathlib import Path

from tbgateway.launchers.board_log import BoardLogs
from tbgateway.launchers.pipe_reader import PipeReader


class LogPump:
    """Copies the pipe `descriptor` into the log `path`, no faster than the disk takes it."""

    def __init__(self, descriptor: int, logs: BoardLogs, path: Path, limit: int) -> None:
        self._logs = logs
        self._path = path
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._reader = PipeReader(descriptor, self._write, lambda: None)

    def drain(self) -> None:
        """Take everything that is in the pipe now."""
        self._reader.drain()

    def close(self) -> None:
        """Take what is left, and no more."""
        self._reader.drain()
        self._reader.close()

    def _write(self, chunk: bytes) -> None:
        self._reader.pause()
        written = self._logs.append(self._path, chunk, limit=self._limit)
        written.add_done_callback(lambda _: self._go_on())

    def _go_on(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._reader.resume)
        except RuntimeError:  # the loop was closed while the last lines were written
            return
