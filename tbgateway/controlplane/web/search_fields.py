"""Fields that every search has, read the same way."""

from enum import StrEnum
from typing import TypeVar

from tbgateway.controlplane.web.forms import Form
from tbgateway.domain.errors import InvalidInputError

_LONGEST_NUMBER = 6  # digits
Kind = TypeVar("Kind", bound=StrEnum)


def chosen(kind: type[Kind], name: str, text: str) -> Kind | None:
    """Return which one of `kind` the text of field `name` means; None for an empty text.

    Raise InvalidInputError for what makes no sense: to leave it out would find more than was
    asked for.
    """
    if not text:
        return None
    try:
        return kind(text)
    except ValueError as error:
        raise InvalidInputError(
            f"{text[:100]!r} is no {name} to search by.",
            hint=f"Use one of: {', '.join(kind)}.",
            field=name,
        ) from error


def page_number(form: Form) -> int:
    """Return the page that is asked for, counted from one; the first, if that makes no sense."""
    return number(form.one("page")) or 1


def number(text: str) -> int | None:
    """Return the number that a field holds, below a million; None for anything else."""
    fits = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if fits else None
