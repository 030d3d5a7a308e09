"""Answers of the API."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from aiohttp import web

from tbgateway.controlplane.api.paging import page_of
from tbgateway.schemas.answers import Answer, ListAnswer
from tbgateway.schemas.requests import ListQuery

A = TypeVar("A", bound=Answer)
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
    shape: type[ListAnswer[A]],
    *,
    key: Callable[[R], str],
    shown: Callable[[R], A],
) -> web.Response:
    """Return the part of the list that `query` asks for, ordered by `key`, which is unique."""
    page = page_of(records, query, key)
    content = shape(items=tuple(shown(one) for one in page.items), next=page.next)
    return answer(content)
