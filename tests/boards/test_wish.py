"""What Gradient's API asks for, beside a board."""

import pytest
from house import ADA, House, snapshot

from tbgateway.boards import Entry, Wish
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.names import BoardId

WISH = Wish("an/image", {"type": "cpu", "count": 1})


@pytest.mark.parametrize("wish", [Wish(), Wish("an/image"), Wish("", {"size": "small"}), WISH])
def test_a_wish_is_stored_and_read_again(wish: Wish) -> None:
    assert Wish.stored(wish.record(BoardId("tb0123456789"))) == wish


def test_a_board_that_was_not_wished_for_has_an_empty_one() -> None:
    assert Wish.stored(None) == Wish()


async def test_a_wish_comes_and_goes_with_its_board(house: House) -> None:
    board = await house.boards.create(ADA, None, (), Entry(), wish=WISH)
    other = await house.boards.create(ADA, "other", (), Entry())
    assert (house.boards.wish(board), house.boards.wish(other)) == (WISH, Wish())
    await house.boards.delete(ADA, board.id)
    assert house.store.gradient_requests == {}


async def test_of_a_board_that_cannot_be_made_no_wish_is_left(house: House) -> None:
    before = snapshot(house.store)
    with pytest.raises(NotFoundError):
        await house.boards.create(ADA, None, ["unheard-of"], Entry(), wish=WISH)
    assert snapshot(house.store) == before
    assert house.store.gradient_requests == {}
