"""Which part of a long list a page shows, and the way to the parts beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from tbgateway.rendering.contexts.lists import Pager

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfList:
    """Part `number` of `parts`, counted from one: the items from `begin` to before `end`."""

    number: int
    parts: int
    begin: int
    end: int
    total: int

    @classmethod
    def asked(cls, number: int, total: int, rows: int) -> Self:
        """Return the part that is asked for, or the last one; each has so many `rows` at most."""
        parts = max(-(-total // rows), 1)
        number = min(number, parts)
        begin = (number - 1) * rows
        return cls(
            number=number, parts=parts, begin=begin, end=min(begin + rows, total), total=total
        )

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """Return the items of this part."""
        return items[self.begin : self.end]

    def pager(self, url: Callable[[int], str]) -> Pager:
        """Return where it stands among all; `url` is that of a part."""
        return Pager(
            first=min(self.begin + 1, self.total),
            last=self.end,
            total=self.total,
            previous=url(self.number - 1) if self.number > 1 else None,
            next=url(self.number + 1) if self.number < self.parts else None,
        )
