"""Logs of a bounded size."""

import asyncio
import fcntl
import os
import resource
import sys
import termios
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tbgateway.launchers.board_log import BoardLogs
from tbgateway.launchers.log_pump import LogPump


@pytest.fixture
async def logs() -> AsyncIterator[BoardLogs]:
    logs = BoardLogs()
    yield logs
    await logs.close()


async def test_what_was_appended_is_in_the_tail_at_once(logs: BoardLogs, tmp_path: Path) -> None:
    path = tmp_path / "board.log"
    for number in range(100):
        logs.append(path, f"line {number}\n".encode(), limit=100_000)

    assert await logs.tail(path, 2) == "line 98\nline 99"
    assert await logs.tail(path, 0) == ""


async def test_a_log_never_grows_beyond_its_limit_and_keeps_the_newest(
    logs: BoardLogs, tmp_path: Path
) -> None:
    path = tmp_path / "board.log"
    for number in range(1000):
        logs.append(path, f"line {number:04}\n".encode(), limit=1000)
    tail = await logs.tail(path, 1000)

    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 1000
    assert tail.endswith("line 0999")
    assert len(tail) >= 400


async def test_one_huge_chunk_is_cut_to_its_end(logs: BoardLogs, tmp_path: Path) -> None:
    path = tmp_path / "board.log"
    logs.append(path, b"x" * 10_000 + b"end", limit=100)

    assert (await logs.tail(path, 1)).endswith("end")
    assert path.stat().st_size <= 100


async def test_the_tail_goes_on_in_the_older_half(logs: BoardLogs, tmp_path: Path) -> None:
    path = tmp_path / "board.log"
    for number in range(12):
        logs.append(path, f"line {number:04}\n".encode(), limit=200)

    assert (await logs.tail(path, 11)).splitlines() == [f"line {n:04}" for n in range(1, 12)]


async def test_a_log_that_cannot_be_written_is_no_reason_to_fail(
    logs: BoardLogs, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "board.log"
    logs.append(path, b"lost\n", limit=100)

    assert await logs.tail(path, 5) == ""


async def test_the_directory_of_a_deleted_board_is_not_made_again(
    logs: BoardLogs, tmp_path: Path
) -> None:
    logs.append(tmp_path / "board" / "tensorboard.log", b"last words\n", limit=100)
    await logs.written()

    assert list(tmp_path.iterdir()) == []


async def test_what_was_appended_can_be_waited_for(logs: BoardLogs, tmp_path: Path) -> None:
    path = tmp_path / "board.log"
    for _ in range(1000):
        logs.append(path, b"line\n", limit=100_000)
    await logs.written()

    assert path.stat().st_size == 5000


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Let this process, with all that it has open, open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_without_descriptors_lines_are_kept_shown_and_written_when_there_are_some(
    logs: BoardLogs, tmp_path: Path
) -> None:
    path = tmp_path / "board.log"
    reading, writing = os.pipe()
    pump = LogPump(reading, logs, path, 100_000)
    await logs.written()  # its thread runs
    with capture_logs() as told:
        with no_descriptors():
            for number in range(50):
                os.write(writing, b"line %d\n" % number)
                await until_read(reading)
            busy = time.process_time()
            await asyncio.sleep(1)  # the time over which a busy loop would take a second
            assert time.process_time() - busy < 0.5
            await logs.written()
            assert await logs.tail(path, 2) == "line 48\nline 49"
        os.write(writing, b"afterwards\n")
        await until_read(reading)
        await logs.written()
    pump.close()
    os.close(writing)

    lines = [f"line {number}" for number in range(50)]
    assert path.read_text().splitlines() == [*lines, "afterwards"]
    assert [one["event"] for one in told] == ["lines of a board's log are written later"]


async def test_what_was_kept_is_written_at_the_end_and_never_more_than_the_limit(
    tmp_path: Path,
) -> None:
    path, logs = tmp_path / "board.log", BoardLogs()
    await logs.written()
    with no_descriptors():
        for number in range(1000):
            logs.append(path, f"line {number:04}\n".encode(), limit=1000)
        await logs.written()
    await logs.close()

    assert path.stat().st_size <= 500
    assert path.read_text().splitlines()[-2:] == ["line 0998", "line 0999"]


async def until_read(descriptor: int) -> None:
    """Wait until nothing is in the pipe."""
    async with asyncio.timeout(30):
        while int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder):
            await asyncio.sleep(0.001)
