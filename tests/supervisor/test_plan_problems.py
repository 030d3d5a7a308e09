"""What keeps experiments off their boards is worked out once for each change of the records."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.names import BoardId
from tbgateway.store import Store
from tbgateway.supervisor import plan_problems
from tbgateway.supervisor.link_plan import LinkPlan, plan_links

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BoardId]]:
    """Return the boards that were planned, one for each time."""
    planned = []

    def plan(store: Store, board_id: BoardId) -> LinkPlan:
        planned.append(board_id)
        return plan_links(store, board_id)

    monkeypatch.setattr(plan_problems, "plan_links", plan)
    return planned


async def test_asking_for_a_status_again_plans_nothing(
    house: "House", plans: list[BoardId]
) -> None:
    await house.show("a")
    await house.show("a/b")
    await house.until(lambda: len(house.status.problems) == 1)
    await house.supervisor.upstream(BOARD)
    await house.until(lambda: len(house.status.visible or ()) == 1)
    before = len(plans)
    board = house.store.boards[BOARD]
    for _ in range(10):
        assert len(house.status.problems) == 1
        assert len(house.boards.memberships(board)) == 2
    assert len(plans) == before


async def test_a_change_of_the_records_is_told_at_once(house: "House") -> None:
    await house.show("a")
    assert house.status.problems == {}
    await house.show("a/b")
    (problem,) = house.status.problems.values()
    assert problem == "'a/b' would lie inside 'a'"
    await house.take_away("a/b")
    assert house.status.problems == {}


async def test_a_deleted_board_leaves_nothing(house: "House") -> None:
    await house.show("a")
    assert house.status.problems == {}
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    house.supervisor.wake(BOARD)
    await house.until(lambda: BOARD not in house.supervisor._reconcilers)
    assert house.status.problems == {}
    assert house.means.plan_problems._of == {}
