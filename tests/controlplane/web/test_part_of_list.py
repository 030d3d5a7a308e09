"""Parts of lists."""

import pytest

from tbgateway.controlplane.web.part_of_list import PartOfList
from tbgateway.rendering.contexts.lists import Pager


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (1, 25, Pager(first=1, last=10, total=25, next="2")),
        (2, 25, Pager(first=11, last=20, total=25, previous="1", next="3")),
        (3, 25, Pager(first=21, last=25, total=25, previous="2")),
        (999, 25, Pager(first=21, last=25, total=25, previous="2")),
        (2, 20, Pager(first=11, last=20, total=20, previous="1")),
        (7, 0, Pager(first=0, last=0, total=0)),
    ],
)
def test_a_part_tells_where_it_stands(number: int, total: int, shown: Pager) -> None:
    part = PartOfList.asked(number, total, 10)

    assert part.pager(str) == shown
    assert list(part.of(range(1, total + 1))) == [*range(shown.first, shown.last + 1)][:total]
