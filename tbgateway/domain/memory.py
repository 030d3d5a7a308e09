"""Amounts of memory: as people write them, as shares of what there is, and in words."""

import re
from dataclasses import dataclass

_AMOUNT = re.compile(r"(?P<number>\d{1,15}(?:\.\d{1,3})?) ?(?P<unit>%|[KMGT]i?B?|B?)", re.ASCII)
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_BINARY, _DECIMAL = 1024, 1000
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")
_ONE_DECIMAL_BELOW = 10.0
_WHOLE = 100.0  # per cent
LEAST = 16 * 1024**2
"""Bytes; no TensorBoard gets by with less."""
LARGE_BOARD = 1024**3
"""Bytes that a share for one board is at least, where the budget has them: a large board needs
as much on a small machine as on a large one."""


@dataclass(frozen=True, slots=True)
class Memory:
    """An amount of memory: so many bytes, or a `share` (0 to 1) of what there is."""

    bytes: int = 0
    share: float = 0.0

    def of(self, total: int) -> int:
        """Return the bytes meant where there are `total`."""
        return int(total * self.share) if self.share else self.bytes


@dataclass(frozen=True, slots=True)
class MemoryLimits:
    """What all boards together may take (`budget`), and one of them (`board`), in bytes."""

    budget: int
    board: int


def parse_memory(text: str) -> Memory:
    """Read bytes such as `1500000000`, `1.5 GB` or `2 GiB`, or a share such as `60%`.

    Raise ValueError if it is neither, or less than LEAST.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no amount of memory")
    number, unit = float(found["number"]), found["unit"]
    if unit == "%":
        if not 0 < number <= _WHOLE:
            raise ValueError(f"{text!r} is no share: more than 0%, at most 100%")
        return Memory(share=number / _WHOLE)
    amount = int(number * _factor(unit))
    if amount < LEAST:
        raise ValueError(f"{text!r} is less than any TensorBoard takes ({binary(LEAST)})")
    return Memory(bytes=amount)


def limits(budget: Memory, board: Memory, machine: int) -> MemoryLimits:
    """Return the limits where the machine, or the cgroup, has `machine` bytes."""
    whole = max(budget.of(machine), LEAST)
    if not board.share:
        return MemoryLimits(budget=whole, board=board.bytes)
    return MemoryLimits(budget=whole, board=min(max(board.of(whole), LARGE_BOARD), whole))


def binary(number: int) -> str:
    """Return bytes as people compare them with a limit, such as `1.2 GiB`."""
    for unit in ("GiB", "MiB"):
        size = _BINARY ** (3 if unit == "GiB" else 2)
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{number / _BINARY:.0f} KiB"


def decimal(number: int) -> str:
    """Return the size of files with three digits at most, such as `1.2 MB`."""
    amount, power = float(number), 0
    while round(amount) >= _DECIMAL and power < len(_UNITS) - 1:
        amount, power = amount / _DECIMAL, power + 1
    decimals = 1 if power > 0 and amount < _ONE_DECIMAL_BELOW else 0
    return f"{amount:.{decimals}f} {_UNITS[power]}"


def over_limit(used: int, limit: int) -> str:
    """Return why a board that took more than it may has failed, and what to do."""
    return (
        f"over its memory limit ({binary(used)} of {binary(limit)}); take experiments off it, or"
        " raise boards.board_memory"
    )


def _factor(unit: str) -> int:
    """Return the bytes of a unit: `GiB` and the short `G` are binary, `GB` is decimal."""
    step = _DECIMAL if len(unit) == len("GB") and unit.endswith("B") else _BINARY
    return int(step ** _POWERS[unit[:1].replace("B", "")])
