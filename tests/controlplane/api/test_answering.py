"""Lists are made while others get their turns."""

import asyncio
import json

import pytest

from tbgateway.controlplane.api.answering import LONGEST_PART, listed
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.schemas.answers import ListAnswer, VersionAnswer
from tbgateway.schemas.requests import ListQuery

NAMES = [f"name-{number:02}" for number in range(20)]


class Versions(ListAnswer[VersionAnswer]):
    """Something simple."""


def shown(name: str) -> VersionAnswer:
    return VersionAnswer(tbgateway=name, tensorboard='"items":[] ]')


@pytest.mark.parametrize("limit", [1, 7, 20, 30])
async def test_a_list_is_what_its_schema_says(limit: int) -> None:
    answer = await listed(
        NAMES, ListQuery(limit=limit), Versions, key=str, shown=shown, share=LoopShare()
    )
    items = tuple(map(shown, NAMES[:limit]))
    assert isinstance(answer.body, bytes)
    cursor = NAMES[limit - 1] if limit < len(NAMES) else None
    assert Versions.model_validate_json(answer.body) == Versions(items=items, next=cursor)


async def test_a_part_of_long_items_is_shorter_and_leads_on() -> None:
    long = "x" * (LONGEST_PART // 2)

    async def part(cursor: str | None) -> Versions:
        answer = await listed(
            NAMES,
            ListQuery(cursor=cursor),
            Versions,
            key=str,
            shown=lambda name: VersionAnswer(tbgateway=name, tensorboard=long),
            share=LoopShare(),
        )
        assert isinstance(answer.body, bytes)
        assert len(answer.body) < 2 * LONGEST_PART
        return Versions.model_validate_json(answer.body)

    seen: list[str] = []
    cursor: str | None = None
    while True:
        told = await part(cursor)
        seen += [one.tbgateway for one in told.items]
        cursor = told.next
        if cursor is None:
            break
    assert seen == NAMES


async def test_a_list_may_be_empty() -> None:
    answer = await listed((), ListQuery(), Versions, key=str, shown=shown, share=LoopShare())
    assert isinstance(answer.body, bytes)
    assert json.loads(answer.body) == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("names", "limit", "least"), [(NAMES, 100, 20), ([str(one) for one in range(3000)], 1, 7)]
)
async def test_others_get_their_turns_while_a_long_list_is_sorted_and_made(
    names: list[str], limit: int, least: int
) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(take_turns())
    query, share = ListQuery(limit=limit), LoopShare(0.0)
    await listed(names, query, Versions, key=str, shown=shown, share=share)
    others.cancel()
    assert turns >= least
