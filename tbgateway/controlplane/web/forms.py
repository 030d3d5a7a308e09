"""What a person sent with a form."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tbgateway.domain.errors import BadRequestError
from tbgateway.routes import Exchange

_MOST_FIELDS = 20_000  # thousands of experiments can be chosen at once
_SHORT = (
    65_536  # bytes that are read in a few milliseconds; a megabyte may take a tenth of a second
)


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, or of a query; a name may have several values."""

    fields: Mapping[str, Sequence[str]]

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def one(self, name: str) -> str:
        """Return the last value of a field without surrounding white space, or an empty text."""
        return self.exact(name).strip()

    def exact(self, name: str) -> str:
        """Return the last value of a field as it was typed: a password's spaces count."""
        values = self.fields.get(name, ())
        return values[-1] if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Return every different value of a field that is not empty, in their order."""
        return tuple(dict.fromkeys(value for value in self.fields.get(name, ()) if value))


async def form_of(exchange: Exchange) -> Form:
    """Read the form in the request's body: nothing else comes this far.

    Raise BadRequestError if it cannot be read, and PayloadTooLargeError.
    """
    body = await exchange.body()
    try:
        text = body.decode("ascii")
        return _read(text) if len(text) <= _SHORT else await asyncio.to_thread(_read, text)
    except ValueError as error:
        raise _unreadable("form") from error


def search_of(exchange: Exchange) -> Form:
    """Read the query, which is the form of a page that is only looked at.

    Raise BadRequestError if it cannot be read.
    """
    try:
        return _read(exchange.target.query if exchange.target is not None else "")
    except ValueError as error:
        raise _unreadable("query") from error


def _read(text: str) -> Form:
    fields: dict[str, list[str]] = {}
    pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    for name, value in pairs:
        fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return Form(fields)


def _unreadable(what: str) -> BadRequestError:
    return BadRequestError(f"The {what} cannot be read.", hint="Go back to the page and try again.")
