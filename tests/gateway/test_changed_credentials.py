"""Credentials that were changed or taken away stop working at once, through a running gateway."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from gateway_in_process import ADMIN_PASSWORD, get, started
from house import CHIEF, OPERATOR

from tbgateway.boards import Entry
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway

ADMIN = ("admin", ADMIN_PASSWORD)
FIRST, SECOND = "the-first-secret", "the-second-secret"
VERA = SignedIn("vera", Role.VIEWER)


@pytest.fixture
async def house(home: Path) -> AsyncIterator[Gateway]:
    async with started(home) as house:
        entry = Entry(username="guest", password=FIRST)
        await house.boards.create(CHIEF, "vision", (), entry)
        await house.members.create("vera", role=Role.VIEWER, password=FIRST)
        yield house


async def look(house: Gateway, user: str, password: str, board: str = "vision") -> int:
    return (await get(f"{house.url}/boards/{board}/data/runs", (user, password)))[0]


async def who_am_i(house: Gateway, user: str, password: str) -> int:
    return (await get(f"{house.url}/api/v1/whoami", (user, password)))[0]


async def bearing(house: Gateway, secret: str) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.url}/api/v1/whoami", headers=headers) as answer,
    ):
        return answer.status


async def test_a_boards_old_password_dies_with_the_change(house: Gateway) -> None:
    for _ in range(2):  # the second time from memory
        assert await look(house, "guest", FIRST) == 200
        assert await look(house, "guest", SECOND) == 401
    await house.boards.set_entry(CHIEF, "vision", Entry(password=SECOND))
    for _ in range(2):
        assert await look(house, "guest", FIRST) == 401
        assert await look(house, "guest", SECOND) == 200


async def test_a_boards_old_username_dies_with_the_change(house: Gateway) -> None:
    assert await look(house, "guest", FIRST) == 200
    await house.boards.set_entry(CHIEF, "vision", Entry(username="visitor"))
    assert await look(house, "guest", FIRST) == 401
    assert await look(house, "visitor", FIRST) == 200


async def test_a_boards_password_dies_with_access_by_password(house: Gateway) -> None:
    assert await look(house, "guest", FIRST) == 200
    await house.boards.set_entry(CHIEF, "vision", Entry(access=Access.MEMBERS))
    assert await look(house, "guest", FIRST) == 401
    assert await look(house, "vera", FIRST) == 200
    await house.boards.set_entry(CHIEF, "vision", Entry(access=Access.PUBLIC))
    assert (await get(f"{house.url}/boards/vision/data/runs"))[0] == 200


async def test_one_boards_password_opens_no_other_board(house: Gateway) -> None:
    entry = Entry(username="guest", password=SECOND)
    await house.boards.create(CHIEF, "speech", (), entry)
    assert await look(house, "guest", FIRST) == await look(house, "guest", SECOND, "speech") == 200
    assert await look(house, "guest", FIRST, "speech") == await look(house, "guest", SECOND) == 401


async def test_a_password_goes_along_when_a_board_is_renamed(house: Gateway) -> None:
    await house.boards.rename(CHIEF, "vision", "sight")
    assert await look(house, "guest", FIRST, "sight") == 200
    assert (await get(f"{house.url}/boards/vision/"))[0] == 401
    await house.boards.delete(CHIEF, "sight")
    assert await look(house, "guest", FIRST, "sight") in {401, 404}


async def test_members_change_their_own_password_and_the_old_one_dies(house: Gateway) -> None:
    assert await who_am_i(house, "vera", FIRST) == 200
    await house.members.set_password(VERA, "vera", SECOND)
    assert await who_am_i(house, "vera", FIRST) == 401
    assert await who_am_i(house, "vera", SECOND) == 200


async def test_a_deleted_member_is_nobody_with_password_and_tokens(house: Gateway) -> None:
    token = await house.members.create_token(VERA, "vera", label="ci", lifetime=None)
    assert await who_am_i(house, "vera", FIRST) == await bearing(house, token.secret) == 200
    await house.members.delete(CHIEF, "vera")
    assert await who_am_i(house, "vera", FIRST) == await bearing(house, token.secret) == 401
    await house.members.create("vera", role=Role.VIEWER, password=SECOND)
    assert await who_am_i(house, "vera", FIRST) == await bearing(house, token.secret) == 401


async def test_a_token_works_until_it_expires_or_is_deleted(house: Gateway) -> None:
    members = house.members
    lasting = await members.create_token(OPERATOR, "vera", label="lasting", lifetime=3600.0)
    expired = await members.create_token(OPERATOR, "vera", label="expired", lifetime=0.0)
    assert await bearing(house, lasting.secret) == 200
    assert await bearing(house, expired.secret) == 401
    assert await bearing(house, lasting.secret[:-1]) == 401
    await members.delete_token(VERA, lasting.token.id)
    assert await bearing(house, lasting.secret) == 401


async def test_credentials_outlive_a_restart_and_so_does_their_change(home: Path) -> None:
    async with started(home) as house:
        await house.boards.create(CHIEF, "vision", (), Entry(username="guest", password=FIRST))
        assert await look(house, "guest", FIRST) == 200
        await house.boards.set_entry(CHIEF, "vision", Entry(password=SECOND))
    async with started(home, password=SECOND) as house:  # not the first start any more
        assert await look(house, "guest", FIRST) == 401
        assert await look(house, "guest", SECOND) == 200
        assert await who_am_i(house, *ADMIN) == 200
