"""Lists in parts. A cursor is the last key of its part: what comes and goes moves nothing."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tbgateway.domain.errors import InvalidInputError
from tbgateway.schemas.requests import ListQuery

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A part of a list and the cursor of the following one, or None."""

    items: Sequence[R]
    next: str | None


def page_of(records: Sequence[R], query: ListQuery, key: Callable[[R], str]) -> Page[R]:
    """Return the part that `query` asks for; raise InvalidInputError for a made-up cursor."""
    after = None if query.cursor is None else _read(query.cursor)
    ordered = sorted((key(one), index) for index, one in enumerate(records))
    keyed = [pair for pair in ordered if after is None or pair[0] > after]
    part = keyed[: query.limit]
    more = len(keyed) > len(part)
    return Page([records[index] for _, index in part], _write(part[-1][0]) if more else None)


def _write(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read(cursor: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError(
            "The cursor is not one that a list gave out.",
            hint="Take it from the field 'next' of the answer before.",
        ) from error
