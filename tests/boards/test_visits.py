"""Who is remembered to have looked at a board, and who may know it."""

import pytest
from house import ADA, BOB, CHIEF, OPERATOR, VERA, House

from tbgateway.boards import Entry, Visits
from tbgateway.boards.visits import LONGEST_KEPT, MOST_KEPT
from tbgateway.domain.errors import DeniedError, NotFoundError
from tbgateway.domain.model import Access, Anonymous, Board, Identity, Role, Visitor, VisitorKind

DAY = 86_400.0


@pytest.fixture
def visits(house: House) -> Visits:
    return Visits(house.store, house.boards, clock=house.clock.wall)


@pytest.fixture
async def board(house: House) -> Board:
    return await house.boards.create(ADA, "vision", (), Entry(access=Access.MEMBERS))


def names(visits: Visits, board: Board) -> list[str]:
    return [one.visitor for one in visits.recent(board.id)]


async def test_visitors_are_told_with_the_last_one_first(
    house: House, visits: Visits, board: Board
) -> None:
    for identity in (ADA, OPERATOR, Visitor(board.id, "guest"), Anonymous()):
        house.clock.ahead += 60
        visits.looked(board, identity)

    assert [(one.kind, one.visitor) for one in visits.recent(board.id)] == [
        (VisitorKind.ANYONE, ""),
        (VisitorKind.PASSWORD, "guest"),
        (VisitorKind.MEMBER, "local"),
        (VisitorKind.MEMBER, "ada"),
    ]


async def test_who_may_change_the_board_may_know(visits: Visits, board: Board) -> None:
    visits.looked(board, VERA)
    for identity in (ADA, CHIEF, OPERATOR):
        assert [one.visitor for one in visits.list(identity, "vision")] == ["vera"]
    for stranger in (BOB, VERA):
        with pytest.raises(DeniedError):
            visits.list(stranger, "vision")
    with pytest.raises(NotFoundError):
        visits.list(Anonymous(), "vision")


async def test_who_did_not_come_for_long_is_forgotten(
    house: House, visits: Visits, board: Board
) -> None:
    visits.looked(board, ADA)
    visits.looked(board, BOB)
    house.clock.ahead += LONGEST_KEPT - DAY
    visits.looked(board, BOB)
    await visits.forget_old()
    assert names(visits, board) == ["bob", "ada"]

    house.clock.ahead += 2 * DAY
    assert names(visits, board) == ["bob"]
    await visits.forget_old()
    assert [one.visitor for one in house.store.visits.values()] == ["bob"]


async def test_a_board_remembers_so_many_visitors(
    house: House, visits: Visits, board: Board
) -> None:
    for number in range(MOST_KEPT + 5):
        house.clock.ahead += 1
        visits.looked(board, Visitor(board.id, f"guest-{number}"))

    newest = [f"guest-{number}" for number in reversed(range(5, MOST_KEPT + 5))]
    assert names(visits, board) == newest
    await visits.forget_old()
    assert len(house.store.visits) == MOST_KEPT
    assert names(visits, board) == newest


async def test_a_member_that_is_deleted_leaves_no_visits(
    house: House, visits: Visits, board: Board
) -> None:
    await house.members.ensure_admin("a-long-secret")
    await house.members.create("vera", role=Role.VIEWER, password="a-long-secret")
    same_name: Identity = Visitor(board.id, "vera")
    for identity in (VERA, ADA, same_name):
        visits.looked(board, identity)
    await house.store.flush_visits()

    await house.members.delete(CHIEF, "vera")

    left = {(one.kind, one.visitor) for one in visits.recent(board.id)}
    assert left == {(VisitorKind.MEMBER, "ada"), (VisitorKind.PASSWORD, "vera")}
