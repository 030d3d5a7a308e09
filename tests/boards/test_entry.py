import asyncio
from dataclasses import replace

import pytest
from house import ADA, CHEAP, House, snapshot

from tbgateway.boards import Entry
from tbgateway.boards.entry import new_hash, with_entry
from tbgateway.credentials.verifier import Verifier
from tbgateway.domain.errors import ConflictError, InvalidInputError, TbgatewayError
from tbgateway.domain.model import Access, Board
from tbgateway.domain.names import BoardId

BOARD = Board(
    id=BoardId("tb0000000001"), name="vision", owner="ada", access=Access.MEMBERS, created_at=0.0
)
GUEST = Entry(access=Access.PASSWORD, username="guest", password="a-long-secret")


async def fits(board: Board, password: str) -> bool:
    verifier = Verifier(rounds=CHEAP)
    try:
        return await verifier.verify("x", "x", password.encode(), board.password_hash)
    finally:
        verifier.close()


async def applied(board: Board, entry: Entry) -> Board:
    return with_entry(board, entry, await new_hash(board, entry, rounds=CHEAP))


@pytest.mark.parametrize("access", [Access.MEMBERS, Access.PUBLIC])
async def test_access_without_a_password_needs_nothing_more(access: Access) -> None:
    board = await applied(BOARD, Entry(access=access))
    assert board == replace(BOARD, access=access)


async def test_access_by_password_keeps_a_hash_and_never_the_password() -> None:
    board = await applied(BOARD, GUEST)
    assert (board.access, board.username) == (Access.PASSWORD, "guest")
    assert "a-long-secret" not in repr(board)
    assert await fits(board, "a-long-secret")
    assert not await fits(board, "another-secret")


@pytest.mark.parametrize(
    "entry",
    [
        Entry(access=Access.PASSWORD),
        Entry(access=Access.PASSWORD, username="guest"),
        Entry(access=Access.PASSWORD, password="a-long-secret"),
    ],
)
async def test_access_by_password_needs_both_a_name_and_a_password(entry: Entry) -> None:
    with pytest.raises(InvalidInputError, match="needs a user name and a password") as refused:
        await applied(BOARD, entry)
    assert "--generate-password" in refused.value.command


@pytest.mark.parametrize("access", [None, Access.MEMBERS, Access.PUBLIC])
@pytest.mark.parametrize(
    "entry", [Entry(username="guest"), Entry(password="a-long-secret"), replace(GUEST)]
)
async def test_other_access_takes_neither(access: Access | None, entry: Entry) -> None:
    with pytest.raises(InvalidInputError, match="have no meaning with access") as refused:
        await applied(BOARD, replace(entry, access=access))
    assert "a-long-secret" not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize("username", ["", "a b", "a:b", "ä", "x" * 65, "new\nline"])
async def test_a_name_that_no_header_could_carry_is_refused(username: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot be a user name"):
        await applied(BOARD, replace(GUEST, username=username))


@pytest.mark.parametrize("password", ["", "s3cret", "x" * 73, "with\x00nothing", "tab\tbed-tab"])
async def test_a_password_that_cannot_be_one_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot be a password") as refused:
        await applied(BOARD, replace(GUEST, password=password))
    assert not password or password not in str(refused.value)


async def test_what_is_not_named_stays() -> None:
    board = await applied(BOARD, GUEST)
    renamed = await applied(board, Entry(username="visitor"))
    assert renamed == replace(board, username="visitor")
    changed = await applied(board, Entry(password="another-secret"))
    assert changed.username == "guest"
    assert await fits(changed, "another-secret")
    assert not await fits(changed, "a-long-secret")


async def test_a_username_alone_makes_a_board_one_with_a_password(house: House) -> None:
    entry = replace(GUEST, access=None)
    assert (await house.boards.create(ADA, "a", (), entry)).access is Access.PASSWORD
    assert (await house.boards.create(ADA, "b", (), Entry())).access is Access.MEMBERS
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError):
        await house.boards.create(ADA, "c", (), Entry(username="guest"))
    with pytest.raises(InvalidInputError):
        await house.boards.create(ADA, "c", (), Entry(username=""))
    assert snapshot(house.store) == before


async def test_each_change_of_the_entry_is_stored(house: House) -> None:
    await house.boards.create(ADA, "vision", (), GUEST)
    for entry in (Entry(password="another-secret"), Entry(username="visitor")):
        board = await house.boards.set_entry(ADA, "vision", entry)
        assert house.boards.find("vision", ADA) == board


async def changed_at_once(house: House, *entries: Entry) -> list[Board | TbgatewayError]:
    """Have each ask for its change before the first of them is made."""

    async def change(entry: Entry) -> Board | TbgatewayError:
        try:
            return await house.boards.set_entry(ADA, "vision", entry)
        except TbgatewayError as error:
            return error

    changes = []
    async with asyncio.TaskGroup() as together, house.store.transaction():
        for entry in entries:
            changes.append(together.create_task(change(entry)))
            await asyncio.sleep(0.1)  # bcrypt, in a thread: then it waits for the transaction
    return [one.result() for one in changes]


async def test_an_old_password_never_comes_back_with_a_change_of_something_else(
    house: House,
) -> None:
    await house.boards.create(ADA, "vision", (), GUEST)
    await changed_at_once(house, Entry(password="another-secret"), Entry(username="visitor"))
    board = house.boards.find("vision", ADA)
    assert board.username == "visitor"
    assert await fits(board, "another-secret")
    assert not await fits(board, "a-long-secret")


async def test_an_old_user_name_never_comes_back_with_a_new_password(house: House) -> None:
    await house.boards.create(ADA, "vision", (), GUEST)
    await changed_at_once(house, Entry(username="visitor"), Entry(password="another-secret"))
    board = house.boards.find("vision", ADA)
    assert board.username == "visitor"
    assert await fits(board, "another-secret")


async def test_a_change_that_another_one_made_senseless_is_refused(house: House) -> None:
    await house.boards.create(ADA, "vision", (), GUEST)
    closed, *late = await changed_at_once(
        house,
        Entry(access=Access.MEMBERS),
        Entry(username="visitor"),
        Entry(password="another-secret"),
        Entry(access=Access.PASSWORD, username="visitor"),
    )
    assert all(isinstance(one, ConflictError) for one in late)
    assert house.boards.find("vision", ADA) == closed
    assert house.boards.find("vision", ADA).password_hash is None


async def test_a_password_does_not_survive_other_kinds_of_access(house: House) -> None:
    await house.boards.create(ADA, "vision", (), GUEST)
    board = await house.boards.set_entry(ADA, "vision", Entry(access=Access.MEMBERS))
    assert (board.username, board.password_hash) == (None, None)
    with pytest.raises(ConflictError, match="needs a user name and a password"):
        await house.boards.set_entry(ADA, "vision", Entry(access=Access.PASSWORD))


async def test_a_refused_change_of_the_entry_changes_nothing(house: House) -> None:
    await house.boards.create(ADA, "vision", (), GUEST)
    before = snapshot(house.store)
    for entry in (Entry(password="short"), Entry(access=Access.PUBLIC, username="guest")):
        with pytest.raises(InvalidInputError):
            await house.boards.set_entry(ADA, "vision", entry)
    assert snapshot(house.store) == before
