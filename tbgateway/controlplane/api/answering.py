"""Answers of the API."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from aiohttp import web

from tbgateway.controlplane.api.paging import page_of
from tbgateway.schemas.answers import Answer, ListAnswer
from tbgateway.schemas.requests import ListQuery

R = TypeVar("R")


def answer(
    content: Answer, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return `content` as JSON."""
    return web.Response(
        body=content.model_dump_json().encode(),
        status=status,
        content_type="application/json",
        headers=headers,
    )


def nothing() -> web.Response:
    """Return that it is done, and that there is nothing to say."""
    return web.Response(status=204)


def plain(text: str) -> web.Response:
    """Return text as it is."""
    return web.Response(text=text, content_type="text/plain")


def listed(
    records: Sequence[R],
    query: ListQuery,
    *,
    key: Callable[[R], str],
    shown: Callable[[R], Answer],
) -> web.Response:
    """Return the part of the list that `query` asks for, ordered by `key`, which is unique."""
    page = page_of(records, query, key)
    content = ListAnswer(items=tuple(shown(one) for one in page.items), next=page.next)
    return answer(content)
