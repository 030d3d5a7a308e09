"""What boards write to stderr, kept in files of a bounded size."""

import asyncio
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import structlog

from tbgateway.domain.shortages import shortage_in

log = structlog.get_logger(__name__)


class BoardLogs:
    """Writes and reads logs in a thread of its own, everything in the order it was asked for.

    A log is two files, `path` and `path`.1, each of half the allowed size: the newest half is
    always there. What cannot be written because descriptors or memory are short is kept, and
    written with what comes next, or when somebody asks.
    """

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[bytes, int]] = {}  # with the limit; for the thread alone
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="board-logs")

    def append(self, path: Path, chunk: bytes, *, limit: int) -> Future[None]:
        """Add `chunk`; keep at most `limit` bytes in all. Never fails: a full disk loses lines.

        The directory must be there: that of a deleted board is not made again.
        """
        return self._thread.submit(self._append, path, chunk, limit)

    async def tail(self, path: Path, lines: int) -> str:
        """Return the last `lines` lines, what was appended before included."""
        return await asyncio.wrap_future(self._thread.submit(self._tail, path, lines))

    async def written(self) -> None:
        """Wait until everything that was appended is in its file, if that is possible now."""
        await asyncio.wrap_future(self._thread.submit(self._write_kept))

    async def close(self) -> None:
        """Write what is waiting; once it is closed there is nothing."""
        with suppress(RuntimeError):
            self._thread.submit(self._write_kept)
        await asyncio.to_thread(self._thread.shutdown)

    def _append(self, path: Path, chunk: bytes, limit: int) -> None:
        kept, _ = self._kept.pop(path, (b"", limit))
        half = max(limit // 2, 1)
        chunk = (kept + chunk)[-half:]
        try:
            _write(path, chunk, half)
        except OSError as error:
            if shortage_in(error):
                self._keep(path, chunk, limit, told=bool(kept))
            else:
                log.warning("lines of a board's log are lost", path=str(path), reason=str(error))

    def _keep(self, path: Path, chunk: bytes, limit: int, *, told: bool) -> None:
        self._kept[path] = chunk, limit
        if not told:
            log.warning("lines of a board's log are written later", path=str(path))

    def _write_kept(self) -> None:
        for path, (_, limit) in list(self._kept.items()):
            self._append(path, b"", limit)

    def _tail(self, path: Path, lines: int) -> str:
        self._write_kept()
        kept, _ = self._kept.get(path, (b"", 0))
        return _last_lines(path, kept, lines)


def _write(path: Path, chunk: bytes, half: int) -> None:
    """Append `chunk`; begin a new file if this one would get longer than `half` of the limit."""
    if _size(path) + len(chunk) > half:
        path.replace(_older(path))
    # Opened for each chunk: hundreds of boards would hold hundreds of descriptors.
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        file.write(chunk)


def _last_lines(path: Path, kept: bytes, lines: int) -> str:
    """Return what is in the files, and after it what could not be written yet."""
    text = _read(path) + kept
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
