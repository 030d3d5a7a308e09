"""The page with all boards, as it may look."""

from collections.abc import Mapping
from dataclasses import replace

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access
from tbgateway.domain.series import Series
from tbgateway.rendering.contexts.home import (
    Beginning,
    BoardFilters,
    BoardRow,
    DeleteBoardsPage,
    HomePage,
)
from tbgateway.rendering.contexts.lists import Column, Option, Pager
from tbgateway.rendering.contexts.page import Notice, Page, Reader, Undo
from tbgateway.rendering.figures import moment
from tbgateway.rendering.sparkline import Sparkline, sparkline
from tbgateway.rendering.urls import Urls

NOW = 1_795_420_800.0
_LABELS = ("Board", "State", "Experiments", "Scalar", "Memory", "Last visited", "Access", "Owner")


def _boards(text: str) -> tuple[BoardRow, ...]:
    return tuple(
        BoardRow(
            id=f"tb{number:010x}",
            name=f"board-{state.value}",
            state=state,
            reason=text if state is BoardState.FAILED else "",
            experiments=1204 if number == 1 else 3,
            adding=number % 2,
            problems=number % 3,
            line=_line(text) if number % 2 else None,
            newest=f"ex{number:010x}" if number else "",
            memory="" if number % 2 else "212 MB",
            cpu="" if number % 2 else "1.5 %",
            access=Access.PASSWORD,
            owner=text,
            last_visited=moment(NOW - 60, NOW) if number else None,
            changeable=number != 2,
            chosen=number == 3,
        )
        for number, state in enumerate(BoardState)
    )


def _line(text: str) -> Sparkline:
    points = tuple((float(step), 2.0 / (step + 1)) for step in range(20))
    series = Series(
        run=text,
        tag=text,
        points=points,
        last=0.1,
        last_step=19,
        lowest=0.1,
        highest=2.0,
        count=20,
    )
    return sparkline(series)


def _filters(text: str, *, narrow: bool) -> BoardFilters:
    return BoardFilters(
        text=text,
        states=(Option(value="", label="Any state", chosen=True),),
        accesses=(Option(value="", label="Any access"), Option(value="x", label=text)),
        mine=narrow,
        sort="-visit",
        narrow=narrow,
    )


def _full(urls: Urls, text: str) -> HomePage:
    columns = [Column(label=label, url=urls.boards(sort=label)) for label in _LABELS]
    columns[0] = replace(columns[0], order="ascending")
    undo = Undo(action=urls.page("undo"), fields=(("experiment", text),))
    return HomePage(
        urls=urls,
        reader=Reader(name=text, role=text, edits=True, administers=True, leaves=True),
        notice=Notice(text=text, undo=undo),
        filters=_filters(text, narrow=False),
        columns=tuple(columns),
        boards=_boards(text),
        pager=Pager(first=51, last=57, total=1057, previous=urls.home, next=urls.boards(page="3")),
        known=1057,
        action=urls.page("boards"),
        beginning=None,
    )


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    full = _full(urls, text)
    none = replace(full, boards=(), pager=Pager(first=0, last=0, total=0), notice=None)
    return {
        "home": full,
        "home for a viewer": replace(full, reader=Reader(name=text, role="viewer")),
        "home without matches": replace(none, filters=_filters(text, narrow=True)),
        "home without boards": replace(
            none,
            known=0,
            reader=None,
            beginning=Beginning(command=text, script=text, experiments=0),
        ),
        "delete boards": DeleteBoardsPage(
            urls=urls,
            reader=full.reader,
            boards=(text, "vision"),
            fields=(("board", text),),
            action=urls.page("boards"),
            leave=urls.home,
        ),
    }
