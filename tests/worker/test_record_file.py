import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from raw_events import framed, write_records
from tensorboardX.record_writer import masked_crc32c

from tbgateway.worker import record_file
from tbgateway.worker.record_file import Allowance, DamagedError, RecordFile

PLENTY = 1 << 30


@contextmanager
def opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def file_at(path: Path) -> RecordFile:
    status = path.stat()
    return RecordFile((status.st_dev, status.st_ino))


def read(file: RecordFile, path: Path, size: int = PLENTY, seconds: float = 1e9) -> list[bytes]:
    with opened(path) as descriptor:
        allowance = Allowance(size, seconds)
        return list(file.payloads(descriptor, path.stat().st_size, allowance))


@pytest.mark.parametrize("data", [b"12345678", b"\0" * 8, b"\xff" * 8])
def test_the_checksum_is_that_of_tensorflow(data: bytes) -> None:
    assert record_file._masked_checksum(data) == masked_crc32c(data)


def test_what_is_appended_is_read_and_nothing_twice(tmp_path: Path) -> None:
    path = write_records(tmp_path, framed(b"one"), framed(b""))
    file = file_at(path)
    assert read(file, path) == [b"one", b""]
    assert file.has_nothing_new(path.stat())
    write_records(tmp_path, framed(b"three"))
    assert not file.has_nothing_new(path.stat())
    assert read(file, path) == [b"three"]


@pytest.mark.parametrize("missing", [1, 4, 6, 12, 16])
def test_an_unfinished_record_is_read_when_it_is_finished(tmp_path: Path, missing: int) -> None:
    record = framed(b"two")
    path = write_records(tmp_path, framed(b"one"), record[:-missing])
    file = file_at(path)
    assert read(file, path) == [b"one"]
    assert read(file, path) == []
    write_records(tmp_path, record[-missing:])
    assert read(file, path) == [b"two"]


def test_what_is_large_is_passed_over_without_being_read(tmp_path: Path) -> None:
    large = framed(bytes(10_000_000))
    path = write_records(tmp_path, framed(b"one"), large, framed(b"two"), large[:-1])
    file = file_at(path)
    assert read(file, path, size=500_000) == [b"one", b"two"]
    assert file.offset == path.stat().st_size - len(large) + 1
    write_records(tmp_path, large[-1:], framed(b"three"))
    assert read(file, path) == [b"three"]


def test_the_largest_payload_that_counts_fits_into_a_chunk(tmp_path: Path) -> None:
    largest = bytes(65_536)
    records = [framed(b"x" * 100_000), framed(largest), framed(largest + b"x"), framed(largest)]
    path = write_records(tmp_path, *records * 3)
    assert read(file_at(path), path) == [largest] * 6


def test_after_damage_nothing_is_read(tmp_path: Path) -> None:
    path = write_records(tmp_path, framed(b"one"), b"x" * 12, framed(b"two"))
    file = file_at(path)
    with pytest.raises(DamagedError):
        read(file, path)
    assert (file.damaged, file.offset) == (True, len(framed(b"one")))
    write_records(tmp_path, framed(b"three"))
    assert file.has_nothing_new(path.stat())
    assert read(file, path) == []


def test_what_came_before_the_damage_is_read(tmp_path: Path) -> None:
    path = write_records(tmp_path, framed(b"one"), b"x" * 12)
    with opened(path) as descriptor:
        payloads = file_at(path).payloads(descriptor, 100, Allowance(PLENTY, 1e9))
        assert next(payloads) == b"one"
        with pytest.raises(DamagedError):
            next(payloads)


def test_a_record_of_absurd_length_is_waited_for_in_vain(tmp_path: Path) -> None:
    length = (1 << 62).to_bytes(8, "little")
    header = length + masked_crc32c(length).to_bytes(4, "little")
    path = write_records(tmp_path, header, bytes(1000))
    file = file_at(path)
    assert read(file, path) == []
    assert file.offset == 0


def test_a_turn_ends_when_its_bytes_are_read(tmp_path: Path) -> None:
    path = write_records(tmp_path, *[framed(bytes(1000))] * 1000)
    file = file_at(path)
    turns = 0
    found = 0
    while not file.has_nothing_new(path.stat()):
        found += len(read(file, path, size=300_000))
        turns += 1
    assert (found, turns) == (1000, 3)


def test_a_turn_without_time_reads_something_all_the_same(tmp_path: Path) -> None:
    path = write_records(tmp_path, *[framed(bytes(1000))] * 1000)
    file = file_at(path)
    assert len(read(file, path, seconds=-1.0)) > 100
    assert not file.has_nothing_new(path.stat())


def test_another_file_and_a_shorter_one_are_noticed(tmp_path: Path) -> None:
    path = write_records(tmp_path, framed(b"one"), framed(b"two"))
    file = file_at(path)
    read(file, path)
    assert not file.was_replaced(path.stat())
    os.truncate(path, 10)
    assert file.was_replaced(path.stat())
    other = write_records(tmp_path, framed(b"one"), framed(b"two"), name="other")
    assert file.was_replaced(other.stat())
    assert not file.has_nothing_new(other.stat())
