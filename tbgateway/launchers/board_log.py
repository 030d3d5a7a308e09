"""What boards write to stderr, kept in files of a bounded size."""

import asyncio
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


class BoardLogs:
    """Writes and reads logs in a thread of its own, everything in the order it was asked for.

    A log is two files, `path` and `path`.1, each of half the allowed size: the newest half is
    always there.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="board-logs")

    def append(self, path: Path, chunk: bytes, *, limit: int) -> Future[None]:
        """Add `chunk`; keep at most `limit` bytes in all. Never fails: a full disk loses lines.

        The directory must be there: that of a deleted board is not made again.
        """
        return self._thread.submit(_append, path, chunk, limit)

    async def tail(self, path: Path, lines: int) -> str:
        """Return the last `lines` lines, what was appended before included."""
        return await asyncio.wrap_future(self._thread.submit(_tail, path, lines))

    async def written(self) -> None:
        """Wait until everything that was appended is in its file."""
        await asyncio.wrap_future(self._thread.submit(lambda: None))

    async def close(self) -> None:
        """Write what is waiting."""
        await asyncio.to_thread(self._thread.shutdown)


def _append(path: Path, chunk: bytes, limit: int) -> None:
    half = max(limit // 2, 1)
    chunk = chunk[-half:]
    try:
        if _size(path) + len(chunk) > half:
            path.replace(_older(path))
        # Opened for each chunk: hundreds of boards would hold hundreds of descriptors.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(chunk)
    except OSError as error:
        log.warning("lines of a board's log are lost", path=str(path), reason=error.strerror)


def _tail(path: Path, lines: int) -> str:
    text = _read(path)
    if text.count(b"\n") <= lines:
        text = _read(_older(path)) + text
    return "\n".join(text.decode(errors="replace").splitlines()[-lines:] if lines > 0 else [])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _older(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")
