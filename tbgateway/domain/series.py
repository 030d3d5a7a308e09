"""What is known of an experiment's scalars, boiled down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tbgateway.domain.scalar_tags import lower_is_better, rank


@dataclass(frozen=True, slots=True)
class Series:
    """One scalar of one run.

    `points` are at most 48 steps and values, in order; there are none but for an experiment's
    foremost series. `last` is what came last, which may be NaN or infinite; `lowest` and `highest`
    leave such values out, and are NaN if there are no others. `count` is how many values there
    were.
    """

    run: str
    tag: str
    points: Sequence[tuple[float, float]]
    last: float
    last_step: int
    lowest: float
    highest: float
    count: int


@dataclass(frozen=True, slots=True)
class Digest:
    """The scalars of one experiment, the foremost first; at most a hundred.

    `complete` is whether its files were read to their ends. `flaw` says what of them could not be
    read, and is empty otherwise.
    """

    series: tuple[Series, ...] = ()
    complete: bool = True
    flaw: str = ""


def place(series: Series) -> tuple[object, ...]:
    """Return where a series stands among others of its experiment: the foremost is the least."""
    return rank(series.tag), series.run


def best(series: Series) -> float:
    """Return the lowest value of losses and errors, the highest of everything else."""
    return series.lowest if lower_is_better(series.tag) else series.highest


def main_series(digests: Iterable[Digest | None]) -> Series | None:
    """Return the foremost series of the first of these that has any; None if none has."""
    with_series = (digest for digest in digests if digest is not None and digest.series)
    digest = next(with_series, Digest())
    return min(digest.series, key=place, default=None)
