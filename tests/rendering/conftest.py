"""Examples of every page, and a reader of HTML that remembers what matters here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest
from page_examples.every_page import every_page

from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.urls import Urls

HOSTILE = """<script>alert('x')</script>"' onload="x" style="x" {{ 7919*7907 }} & ünïcode \u202e"""
_VOID = {
    "meta",
    "link",
    "img",
    "path",
    "br",
    "input",
    "hr",
    "polyline",
    "line",
    "circle",
    "rect",
    "use",
}


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


@pytest.fixture
def examples() -> Callable[[Urls, str], Mapping[str, Page]]:
    """Return a function that makes one example of every page, with `text` wherever text goes."""
    return every_page


@pytest.fixture
def hostile() -> str:
    """Return text that breaks out of whatever does not escape it."""
    return HOSTILE
