"""Answers of the API."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from aiohttp import web

from tbgateway.controlplane.api.paging import page_of
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.turns import in_turns
from tbgateway.schemas.answers import Answer, ListAnswer
from tbgateway.schemas.requests import ListQuery

A = TypeVar("A", bound=Answer)
R = TypeVar("R")

LONGEST_PART = 4_000_000
"""Characters of JSON after which a part of a list ends, however many items were asked for."""


def answer(
    content: Answer, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return `content` as JSON."""
    return _json(content.model_dump_json(), status=status, headers=headers)


def nothing() -> web.Response:
    """Return that it is done, and that there is nothing to say."""
    return web.Response(status=204)


def plain(text: str) -> web.Response:
    """Return text as it is."""
    return web.Response(text=text, content_type="text/plain")


async def listed(
    records: Sequence[R],
    query: ListQuery,
    shape: type[ListAnswer[A]],
    *,
    key: Callable[[R], str],
    shown: Callable[[R], A],
    share: LoopShare,
) -> web.Response:
    """Return the part of the list that `query` asks for, ordered by `key`, which is unique.

    A list may be long: between the items others get their turns, as `share` says. Where items are
    long, the part has fewer of them.
    """
    keys = await in_turns(share, records, partial(map, key))
    page = await share.take(partial(page_of, records, query, keys))
    items: list[str] = []
    left, room = map(shown, page.items), LONGEST_PART
    while len(items) < len(page.items) and room >= 0:
        room = await share.take(partial(_fill, items, room, left, share))
    whole = len(items) == len(page.items)
    following = page.next if whole else key(page.items[len(items) - 1])
    rest = shape(items=(), next=following).model_dump_json()
    return _json(rest.replace("[]", f"[{','.join(items)}]", 1))


def _fill(items: list[str], room: int, left: Iterator[Answer], share: LoopShare) -> int:
    """Append what is left, until the turn or the room is over; return the room there is then."""
    until = time.perf_counter() + share.left
    for one in left:
        items.append(one.model_dump_json())
        room -= len(items[-1])
        if room < 0 or time.perf_counter() >= until:
            break
    return room


def _json(
    text: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        body=text.encode(), status=status, content_type="application/json", headers=headers
    )
