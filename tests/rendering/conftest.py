"""One example of every page, and a reader of HTML that remembers what matters here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from tbgateway.domain.errors import BoardFailedError, BoardPausedError, NotFoundError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, ExperimentState
from tbgateway.rendering.contexts import (
    BoardFailedPage,
    BoardPausedPage,
    BoardRow,
    ExperimentRow,
    HomePage,
    Page,
    ProblemPage,
    WaitingPage,
)
from tbgateway.rendering.figures import moment
from tbgateway.rendering.urls import Urls

HOSTILE = """<script>alert('x')</script>"' onload="x" style="x" {{ 7*7 }} & ünïcode \u202e"""
NOW = 1_795_420_800.0
_VOID = {"meta", "link", "img", "path", "br"}


@dataclass
class Document(HTMLParser):
    """A parsed page: its elements in order, its text, and the tags left open."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    open_tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags, f"</{tag}> closes nothing"
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


@pytest.fixture
def parse() -> Callable[[str], Document]:
    """Return a function that reads a page."""

    def read(html: str) -> Document:
        document = Document()
        document.feed(html)
        document.close()
        return document

    return read


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


@pytest.fixture
def examples() -> Callable[[Urls, str], Mapping[str, Page]]:
    """Return a function that makes one example of every page, with `text` wherever text goes."""

    def make(urls: Urls, text: str) -> Mapping[str, Page]:
        failed = BoardFailedError(text, hint=text)
        return {
            "home": HomePage(
                urls=urls,
                reader=text,
                boards=_boards(text),
                experiments=_experiments(text),
                experiments_known=1204,
            ),
            "home without boards": HomePage(
                urls=urls, reader="", boards=(), experiments=(), experiments_known=0
            ),
            "problem": ProblemPage(
                urls=urls, error=NotFoundError(text), request_id=text, log_tail=""
            ),
            "board failed": BoardFailedPage(
                urls=urls, error=failed, request_id=text, log_tail=text
            ),
            "board paused": BoardPausedPage(
                urls=urls, error=BoardPausedError(text), request_id=text, log_tail=""
            ),
            "waiting": WaitingPage(urls=urls, board=text, again=2),
        }

    return make


@pytest.fixture
def hostile() -> str:
    """Return text that breaks out of whatever does not escape it."""
    return HOSTILE
