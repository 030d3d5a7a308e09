from collections.abc import Callable
from dataclasses import replace

from tbgateway.domain.model import Access, Board
from tbgateway.events import BoardChanged, BoardGone


def test_news_of_one_board_has_one_subject(board: Callable[..., Board]) -> None:
    one, other = board(1), board(2)
    assert BoardChanged(one.id).subject == BoardChanged(one.id).subject
    assert BoardChanged(one.id).subject != BoardChanged(other.id).subject
    assert BoardChanged(one.id).subject != BoardGone(one).subject


def test_those_who_lost_a_board_at_different_times_are_different_subjects(
    board: Callable[..., Board],
) -> None:
    closed = board(access=Access.PASSWORD)
    given_away = replace(closed, owner="bob")
    renamed = replace(closed, name="renamed")
    assert BoardGone(board()).subject != BoardGone(closed).subject
    assert BoardGone(closed).subject != BoardGone(given_away).subject
    assert BoardGone(closed).subject == BoardGone(renamed).subject
