"""Pages about requests that were refused, or that have to wait."""

from collections.abc import Mapping

from tbgateway.domain.errors import BoardFailedError, BoardPausedError, NotFoundError
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.contexts.problems import (
    BoardFailedPage,
    BoardPausedPage,
    ProblemPage,
    WaitingPage,
)
from tbgateway.rendering.urls import Urls


def examples(urls: Urls, text: str) -> Mapping[str, Page]:
    """Return one example of each page, with `text` wherever text goes."""
    failed = BoardFailedError(text, hint=text)
    return {
        "problem": ProblemPage(urls=urls, error=NotFoundError(text), request_id=text, log_tail=""),
        "board failed": BoardFailedPage(urls=urls, error=failed, request_id=text, log_tail=text),
        "board paused": BoardPausedPage(
            urls=urls, error=BoardPausedError(text), request_id=text, log_tail=""
        ),
        "waiting": WaitingPage(urls=urls, board=text, again=2),
    }
