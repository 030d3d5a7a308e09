"""Lists in parts. A cursor is the last key of its part: what comes and goes moves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tbgateway.schemas.requests import ListQuery

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A part of a list and the cursor of the following one, or None."""

    items: Sequence[R]
    next: str | None


def page_of(records: Sequence[R], query: ListQuery, keys: Sequence[str]) -> Page[R]:
    """Return the part that `query` asks for, in the order of the records' `keys`, all different."""
    after = query.cursor
    ordered = sorted((key, index) for index, key in enumerate(keys))
    keyed = [pair for pair in ordered if after is None or pair[0] > after]
    part = keyed[: query.limit]
    more = len(keyed) > len(part)
    return Page([records[index] for _, index in part], part[-1][0] if more else None)
