"""Names of boards: one board each, also those of the past."""

import asyncio

import pytest
from house import ADA, BOB, CHIEF, VERA, House, snapshot

from tbgateway.boards import Entry
from tbgateway.domain.errors import InvalidInputError, NameTakenError, NotFoundError
from tbgateway.domain.model import Access, Board, Identity


async def make(house: House, name: str, *, by: Identity = ADA) -> Board:
    return await house.boards.create(by, name, (), Entry())


async def test_a_board_is_found_by_its_id_and_its_present_name(house: House) -> None:
    board = await make(house, "vision")
    renamed = await house.boards.rename(ADA, "vision", "sight")
    assert renamed.id == board.id
    for ref in (board.id, "sight"):
        assert house.boards.find(ref, ADA) == renamed
    for ref in ("vision", "", "Sight", "tb0000000000", f"{board.id} "):
        with pytest.raises(NotFoundError, match="There is no board"):
            house.boards.find(ref, ADA)


async def test_a_name_belongs_to_one_board(house: House) -> None:
    await make(house, "vision")
    speech = await make(house, "speech")
    before = snapshot(house.store)
    with pytest.raises(NameTakenError, match="'vision' belongs to another board"):
        await make(house, "vision", by=BOB)
    with pytest.raises(NameTakenError):
        await house.boards.rename(ADA, speech.id, "vision")
    assert snapshot(house.store) == before


async def test_of_many_who_want_a_name_one_gets_it(house: House) -> None:
    asked = await asyncio.gather(
        *(make(house, "vision") for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, Board) for one in asked) == 1
    assert sum(isinstance(one, NameTakenError) for one in asked) == 9
    assert len(house.store.boards) == 1


async def test_a_board_without_a_name_gets_one_that_no_other_has(house: House) -> None:
    boards = [await house.boards.create(ADA, None, (), Entry()) for _ in range(3)]
    for board in boards:
        assert board.name == f"tensorboard-{board.id.removeprefix('tb')}"
        assert house.boards.find(board.name, ADA) == board


async def test_an_old_name_stays_the_boards_own(house: House) -> None:
    board = await make(house, "first")
    await house.boards.rename(ADA, "first", "second")
    await house.boards.rename(ADA, "second", "third")
    other = await make(house, "other")
    for name in ("first", "second", "third"):
        with pytest.raises(NameTakenError, match="or did before that was renamed"):
            await make(house, name)
        with pytest.raises(NameTakenError):
            await house.boards.rename(ADA, other.id, name)
    reserved = house.store.reserved_names
    assert {name: reserved[name].board_id for name in reserved} == {
        "first": board.id,
        "second": board.id,
    }


async def test_a_board_takes_an_old_name_of_its_own_back(house: House) -> None:
    board = await make(house, "first")
    await house.boards.rename(ADA, "first", "second")
    await house.boards.rename(ADA, "second", "first")
    assert house.boards.find("first", ADA).id == board.id
    assert set(house.store.reserved_names) == {"second"}
    await house.boards.rename(ADA, "first", "second")
    assert set(house.store.reserved_names) == {"first"}


async def test_renaming_to_the_same_name_changes_nothing(house: House) -> None:
    board = await make(house, "vision")
    before = snapshot(house.store)
    assert await house.boards.rename(ADA, "vision", "vision") == board
    assert snapshot(house.store) == before


async def test_all_names_of_a_deleted_board_are_free_again(house: House) -> None:
    await make(house, "first")
    await house.boards.rename(ADA, "first", "second")
    await house.boards.delete(ADA, "second")
    assert not house.store.reserved_names
    assert (await make(house, "first")).name == "first"
    assert (await make(house, "second")).name == "second"


@pytest.mark.parametrize(
    "name",
    [
        *("", "Vision", "-vision", "a b", "a/b", "a_b", "..", "ä", "vision\n", "x" * 64),
        *("tb0123456789", "ex0123456789"),
    ],
)
async def test_a_name_that_no_url_could_carry_is_refused(house: House, name: str) -> None:
    await make(house, "vision")
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError, match="cannot be a board's name") as refused:
        await make(house, name)
    assert "lower-case letters" in refused.value.hint
    with pytest.raises(InvalidInputError):
        await house.boards.rename(ADA, "vision", name)
    assert snapshot(house.store) == before


@pytest.mark.parametrize("name", ["a", "0", "x" * 63, "tb0123", "tb012345678g", "tbgateway"])
async def test_everything_else_is_a_name(house: House, name: str) -> None:
    board = await make(house, name)
    assert house.boards.find(name, ADA) == board


async def test_a_running_board_is_renamed_without_a_restart(house: House) -> None:
    await house.find("a")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    assert await house.boards.wait(board, "visible", seconds=30)
    renamed = await house.boards.rename(CHIEF, "vision", "sight")
    assert renamed.owner == "ada"
    assert await house.boards.wait(renamed, "visible", seconds=30)
    assert house.boards.status(renamed).generation == 1


async def test_who_asks_for_an_old_name_is_told_the_new_one_if_they_may_see_the_board(
    house: House,
) -> None:
    await house.boards.create(
        ADA, "vision", (), Entry(access=Access.PASSWORD, username="guest", password="a-long-secret")
    )
    await house.boards.rename(ADA, "vision", "sight")
    with pytest.raises(NotFoundError) as told:
        house.boards.find("vision", ADA)
    assert "'sight'" in told.value.hint
    with pytest.raises(NotFoundError) as untold:
        house.boards.find("vision", VERA)
    assert "sight" not in untold.value.hint


async def test_an_old_name_leads_only_those_to_the_board_who_may_see_it(house: House) -> None:
    board = await house.boards.create(
        ADA, "secret", [], Entry(access=Access.PASSWORD, username="u", password="long-enough")
    )
    renamed = await house.boards.rename(ADA, "secret", "hidden")

    assert house.boards.renamed("secret", ADA) == renamed
    assert house.boards.renamed("secret", BOB) is None
    assert house.boards.renamed("hidden", ADA) is None
    assert renamed.id == board.id
