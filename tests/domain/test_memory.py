import pytest

from tbgateway.domain.memory import (
    LARGE_BOARD,
    Memory,
    MemoryLimits,
    binary,
    decimal,
    limits,
    over_limit,
    parse_memory,
)

GIB = 1024**3


@pytest.mark.parametrize(
    ("text", "memory"),
    [
        ("1073741824", Memory(bytes=GIB)),
        ("4 GiB", Memory(bytes=4 * GIB)),
        ("4G", Memory(bytes=4 * GIB)),
        ("1.5 GB", Memory(bytes=1_500_000_000)),
        ("512MiB", Memory(bytes=512 * 1024**2)),
        ("100000000 B", Memory(bytes=100_000_000)),
        ("60%", Memory(share=0.6)),
        ("12.5 %", Memory(share=0.125)),
    ],
)
def test_memory_is_written_as_bytes_or_as_a_share(text: str, memory: Memory) -> None:
    assert parse_memory(text) == memory


@pytest.mark.parametrize("text", ["", "much", "-1", "0%", "101%", "1 MiB", "5 XB", "1e9", "٣ GiB"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"memory|share|takes"):
        parse_memory(text)


def test_a_share_is_one_of_what_there_is() -> None:
    assert parse_memory("50%").of(8 * GIB) == 4 * GIB
    assert parse_memory("2GiB").of(8 * GIB) == 2 * GIB


@pytest.mark.parametrize(
    ("budget", "board", "machine", "found"),
    [
        ("60%", "25%", 100 * GIB, MemoryLimits(60 * GIB, 15 * GIB)),
        ("50%", "25%", 4 * GIB, MemoryLimits(2 * GIB, LARGE_BOARD)),
        ("50%", "25%", GIB, MemoryLimits(GIB // 2, GIB // 2)),
        ("50%", "3GiB", 4 * GIB, MemoryLimits(2 * GIB, 3 * GIB)),
        ("2GiB", "100MiB", GIB, MemoryLimits(2 * GIB, 100 * 1024**2)),
    ],
)
def test_a_large_board_fits_on_a_small_machine(
    budget: str, board: str, machine: int, found: MemoryLimits
) -> None:
    assert limits(parse_memory(budget), parse_memory(board), machine) == found


def test_amounts_are_told_in_the_units_of_the_limit() -> None:
    assert [binary(n) for n in (GIB, int(1.2 * GIB), 300 * 1024**2, 2048)] == [
        *("1 GiB", "1.2 GiB"),
        *("300 MiB", "2 KiB"),
    ]
    assert over_limit(int(1.2 * GIB), GIB).startswith("over its memory limit (1.2 GiB of 1 GiB); ")


def test_files_are_told_in_decimal_units() -> None:
    assert [decimal(n) for n in (0, 999, 1_200_000_000, 57_000_000)] == [
        *("0 B", "999 B"),
        *("1.2 GB", "57 MB"),
    ]
