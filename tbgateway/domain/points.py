"""Points of a curve, kept in a tenth of the memory that a tuple of pairs takes."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import overload

Point = tuple[float, float]
"""A step and a value."""


class Points(Sequence[Point]):
    """A sequence of steps and values; equal to every other one of the same."""

    __slots__ = ("_flat",)

    def __init__(self, points: Iterable[Point]) -> None:
        self._flat = array("d", tuple(chain.from_iterable(points)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._flat) // 2

    @overload
    def __getitem__(self, place: int) -> Point: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Point]: ...
    def __getitem__(self, place: int | slice) -> Point | Sequence[Point]:
        """Return one, or some."""
        return tuple(self)[place]

    def __iter__(self) -> Iterator[Point]:
        """Yield them in order."""
        return zip(self._flat[::2], self._flat[1::2], strict=True)

    def __eq__(self, other: object) -> bool:
        """Whether the other one has the same, whatever sequence it is."""
        return isinstance(other, Points | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Return that of the tuple."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Tell them."""
        return f"Points({tuple(self)!r})"
