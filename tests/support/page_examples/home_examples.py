"""The page with all boards, as it may look."""

from collections.abc import Mapping

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, ExperimentState
from tbgateway.rendering.contexts.home import BoardRow, ExperimentRow, HomePage
from tbgateway.rendering.contexts.page import Notice, Page, Reader, Undo
from tbgateway.rendering.figures import moment
from tbgateway.rendering.urls import Urls

NOW = 1_795_420_800.0


def _boards(text: str) -> tuple[BoardRow, ...]:
    return tuple(
        BoardRow(
            name=f"board-{state.value}",
            state=state,
            reason=text if state is BoardState.FAILED else "",
            experiments=3,
            adding=number % 2,
            access=Access.PASSWORD,
            owner=text or "ada",
            last_visited=moment(NOW - 60, NOW) if number else None,
        )
        for number, state in enumerate(BoardState)
    )


def _experiments(text: str) -> tuple[ExperimentRow, ...]:
    return tuple(
        ExperimentRow(
            name=f"{text} {state.value}",
            state=state,
            reason=text,
            problem=text if state is ExperimentState.STOPPED else "",
            size="1.2 GB",
            last_event=moment(NOW - 7200, NOW) if number else None,
        )
        for number, state in enumerate(ExperimentState)
    )


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    reader = Reader(name=text, role=text, edits=True, administers=True, leaves=True)
    undo = Undo(action=urls.page("undo"), fields=(("experiment", text),))
    return {
        "home": HomePage(
            urls=urls,
            reader=reader,
            notice=Notice(text=text, undo=undo),
            boards=_boards(text),
            experiments=_experiments(text),
            experiments_known=1204,
        ),
        "home without boards": HomePage(urls=urls, boards=(), experiments=(), experiments_known=0),
    }
