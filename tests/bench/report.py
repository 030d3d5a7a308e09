"""The tables of the benchmarks: what was measured, against what, and what was aimed at."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure of ours, a reference of the same run, and the target for one of the two.

    `ratio` is ours / reference; `target` is an upper bound, or a lower one if `least` is set,
    for the ratio, or for `ours` itself where there is no reference.
    """

    what: str
    ours: float
    reference: float | None = None
    unit: str = "ms"
    target: float | None = None
    least: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours / reference."""
        return self.ours / self.reference if self.reference else None

    @property
    def verdict(self) -> str:
        """Tell the target and whether it was met; nothing where there is none."""
        if self.target is None:
            return ""
        value = self.ours if self.reference is None else self.ratio
        if value is None:
            return "nothing was measured"
        met = value >= self.target if self.least else value <= self.target
        sign = ">=" if self.least else "<="
        return f"{sign} {self.target:.3g}  {'met' if met else 'MISSED'}"


def show(title: str, rows: Sequence[Row]) -> None:
    """Print a table."""
    width = max(len(row.what) for row in rows)
    _say(f"\n{title}")
    _say(f"{'':<{width}} {'ours':>12} {'reference':>12} {'ratio':>7}   target")
    for row in rows:
        _say(f"{row.what:<{width}} {_cell(row.ours, row.unit)} {_reference(row)}   {row.verdict}")


def note(text: str) -> None:
    """Print a remark."""
    _say(f"note: {text}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _cell(value: float, unit: str) -> str:
    return f"{f'{value:,.1f} {unit}':>12}"


def _reference(row: Row) -> str:
    if row.reference is None or row.ratio is None:
        return f"{'-':>12} {'-':>7}"
    return f"{_cell(row.reference, row.unit)} {row.ratio:>7.3f}"
