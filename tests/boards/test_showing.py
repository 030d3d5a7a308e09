"""Which boards show an experiment, to whom."""

from house import ADA, BOB, CHIEF, OPERATOR, VERA, House

from tbgateway.boards import Entry
from tbgateway.domain.model import Access, Anonymous, Identity

SECRET = Entry(access=Access.PASSWORD, username="visitor", password="the-boards-password")


def names(house: House, identity: Identity, experiment: str = "a") -> list[str]:
    found = house.experiments.find(experiment)
    return [board.name for board in house.boards.showing(identity).boards(found)]


async def test_boards_that_show_an_experiment_are_told_by_name_to_those_who_may_see_them(
    house: House,
) -> None:
    await house.find("a", "b")
    for name in ("zebra", "apple"):
        await house.boards.create(ADA, name, ["a"], Entry())
    await house.boards.create(ADA, "mine", ["a", "b"], SECRET)

    assert names(house, ADA) == names(house, CHIEF) == ["apple", "mine", "zebra"]
    assert names(house, OPERATOR, "b") == ["mine"]
    assert names(house, BOB) == names(house, VERA) == ["apple", "zebra"]
    assert names(house, BOB, "b") == names(house, Anonymous()) == []


async def test_what_is_on_some_board_is_a_question_of_who_asks(house: House) -> None:
    await house.find("a", "b", "c")
    await house.boards.create(ADA, "shared", ["a"], Entry())
    await house.boards.create(ADA, "mine", ["b"], SECRET)

    a, b = (house.experiments.find(name).id for name in ("a", "b"))
    assert house.boards.showing(ADA).experiments() == {a, b}
    assert house.boards.showing(BOB).experiments() == {a}
    shared, mine = (house.boards.find(name, ADA).id for name in ("shared", "mine"))
    assert house.boards.showing(ADA).of_any({a, b}) == {shared, mine}
    assert house.boards.showing(BOB).of_any({a, b}) == {shared}


async def test_an_experiment_that_is_leaving_a_board_is_on_it_no_more(house: House) -> None:
    await house.find("a")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    async with house.store.transaction() as tx:
        (membership,) = house.store.memberships_of(board.id)
        tx.put(type(membership)(
            board_id=board.id, experiment_id=membership.experiment_id, added_at=0.0, removing=True
        ))  # fmt: skip
    assert names(house, ADA) == []
    assert house.boards.showing(ADA).experiments() == frozenset()
