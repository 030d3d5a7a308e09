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
    following = (index for index, key in enumerate(keys) if after is None or key > after)
    ordered = sorted(following, key=keys.__getitem__)
    part = ordered[: query.limit]
    more = len(ordered) > len(part)
    return Page([records[index] for index in part], keys[part[-1]] if more else None)
