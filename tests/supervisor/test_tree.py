"""One board's link tree: what is told of making it true."""

from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.names import BoardId
from tbgateway.supervisor.tree import Tree

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


@pytest.fixture
async def tree(house: "House") -> Tree:
    """The tree of a board about which the house's own supervisor does nothing."""
    house.launcher.unreachable = True
    return Tree(BOARD, house.means)


async def made(tree: Tree) -> tuple[bool, bool]:
    tree.adopt()
    return await tree.make_true(())


async def test_a_new_plan_and_new_links_are_told_apart(house: "House", tree: Tree) -> None:
    assert tree.due_at == 0.0
    assert await made(tree) == (False, False)
    await house.show("a")
    assert await made(tree) == (True, True)
    assert await made(tree) == (False, False)
    (house.layout.tree(BOARD) / "a").unlink()
    assert await made(tree) == (False, True)
    await house.show("evil", problem="no")
    assert await made(tree) == (True, False)
    assert tree.due_at is None


async def test_what_is_out_for_a_moment_is_no_change_of_the_plan(
    house: "House", tree: Tree
) -> None:
    await house.show("a")
    await made(tree)
    out = frozenset(tree.adopt().links)
    assert await tree.make_true(out) == (False, True)
    assert house.links == {}
    assert frozenset(tree.plan.links) == out


async def test_who_left_is_forgotten_and_who_came_meanwhile_is_news(
    house: "House", tree: Tree
) -> None:
    await house.show("a")
    await house.take_away("a")
    await made(tree)
    (leaving,) = tree.plan.leaving
    membership = house.store.memberships[BOARD, leaving]
    async with house.store.transaction() as tx:
        tx.drop(membership)
    tree.forget_leaving({leaving})
    assert await made(tree) == (False, False)
    await house.show("b")
    tree.forget_leaving({leaving})
    assert await made(tree) == (True, True)
