"""Pages about requests that were refused, or that have to wait."""

from collections.abc import Mapping

from tbgateway.domain.errors import (
    BoardFailedError,
    BoardPausedError,
    NotFoundError,
    UnauthenticatedError,
)
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.problems import (
    BoardFailedPage,
    BoardPausedPage,
    ProblemPage,
)
from tbgateway.rendering.contexts.waiting import ExperimentRead, Reading, WaitingPage
from tbgateway.rendering.urls import Urls


def _reading(text: str) -> Reading:
    largest = ExperimentRead(id="ex1", name=text, size="1.2 GB", problem="")
    broken = ExperimentRead(id="ex2", name=text, size="0 B", problem=text)
    return Reading(doing=text, seconds=12, experiments=(largest, broken), count=1204, size="2.3 GB")


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    failed = BoardFailedError(text, hint=text)
    return {
        "problem": ProblemPage(urls=urls, error=NotFoundError(text), request_id=text, log_tail=""),
        "problem of a stranger": ProblemPage(
            urls=urls,
            error=UnauthenticatedError(text),
            request_id=text,
            log_tail="",
            sign_in=urls.page("sign-in", next=f"/boards/{text}/"),
        ),
        "board failed": BoardFailedPage(
            urls=urls,
            error=failed,
            request_id=text,
            log_tail=text,
            about=urls.board_page(text),
            start=urls.page("boards", text, "start"),
            sign_in=urls.page("sign-in"),
        ),
        "board paused": BoardPausedPage(
            urls=urls,
            error=BoardPausedError(text),
            request_id=text,
            log_tail="",
            about=urls.board_page(text),
            start=urls.page("boards", text, "start"),
        ),
        "waiting": WaitingPage(urls=urls, board=text, again=2, reading=Reading()),
        "waiting for much": WaitingPage(urls=urls, board=text, again=2, reading=_reading(text)),
    }
