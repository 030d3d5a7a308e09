from hypothesis import given
from hypothesis import strategies as st

from tbgateway.controlplane.api.paging import page_of
from tbgateway.schemas.requests import ListQuery


def part(names: list[str], limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    page = page_of(names, ListQuery(limit=limit, cursor=cursor), names)
    return list(page.items), page.next


@given(st.sets(st.text()), st.integers(1, 5))
def test_the_parts_make_up_the_whole_in_order(names: set[str], limit: int) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        items, cursor = part(list(names), limit, cursor)
        seen += items
        assert len(items) == limit or cursor is None
        if cursor is None:
            break
    assert seen == sorted(names)


def test_what_comes_and_goes_moves_nothing() -> None:
    items, cursor = part(["b", "d", "f"], 2, None)
    assert items == ["b", "d"]
    assert part(["a", "c", "e", "f"], 2, cursor) == (["e", "f"], None)


def test_a_made_up_cursor_is_a_place_like_any_other() -> None:
    assert part(["a", "c"], 1, "b") == (["c"], None)
