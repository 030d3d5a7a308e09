"""What pages with long lists share: which part is shown, and by what it is ordered."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pager:
    """The part of a list that is shown: its rows `first` to `last` (from 1) of `total`.

    `previous` and `next` are URLs, None where there is no such part.
    """

    first: int
    last: int
    total: int
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column that can be ordered by: `url` does it, or turns the order round.

    `order` is how the list is ordered by it now, if it is; without a `url` it never is. `number`
    columns stand on the right.
    """

    label: str
    url: str = ""
    order: Literal["", "ascending", "descending"] = ""
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One of several values to choose from."""

    value: str
    label: str
    chosen: bool = False
    hint: str = ""
