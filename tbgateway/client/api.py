"""Asking the API: one request, its errors raised, its JSON read."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

from tbgateway.client.decoding import decode
from tbgateway.client.problems import error_from
from tbgateway.client.transport import Answer, Request, Transport
from tbgateway.domain.errors import InvalidInputError, UnreachableError

T = TypeVar("T")
_PAGE = 1000


def segment(reference: str) -> str:
    """Return an id or name as a segment of a path; raise InvalidInputError if it cannot be one."""
    if reference in {"", ".", ".."}:
        raise InvalidInputError(f"{reference!r} names nothing.", hint="Give an id or a name.")
    return quote(reference, safe="")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; `next` is where the following part begins."""

    items: tuple[object, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Api:
    """A gateway's API. Every method raises the error that the gateway answered with."""

    transport: Transport

    def ask(self, request: Request) -> Answer:
        """Return an answer that says yes; raise the error of any other."""
        answer = self.transport.send(request)
        if 200 <= answer.status < 300:  # noqa: PLR2004 - the successes of HTTP
            return answer
        raise error_from(answer)

    def read(self, shape: type[T], request: Request) -> T:
        """Return the answer as a `shape`."""
        return decode(shape, parse(self.ask(request)))

    def pages(self, shape: type[T], path: str, **query: str | Sequence[str]) -> Iterator[T]:
        """Yield every item of a list, page by page."""
        asked: dict[str, str | int | Sequence[str]] = {"limit": _PAGE, **query}
        while True:
            page = _page(parse(self.ask(Request("GET", path, query=asked))))
            yield from (decode(shape, item) for item in page.items)
            if page.next is None:
                return
            asked["cursor"] = page.next


def parse(answer: Answer) -> object:
    """Return the answer's JSON; raise UnreachableError if it holds none."""
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise UnreachableError(
            "The answer is not JSON.",
            hint="Something else than a tbgateway seems to answer at this address.",
        ) from error


def _page(answer: object) -> Page:
    if isinstance(answer, dict) and isinstance(answer.get("items"), list):
        following = answer.get("next")
        return Page(tuple(answer["items"]), None if following is None else str(following))
    raise UnreachableError(
        "The answer is no list that this client understands.",
        hint="Is it a tbgateway that answers there?",
    )
