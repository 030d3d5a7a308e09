"""All pages that a reader is led to by links."""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qs, urljoin, urlsplit

from playwright.sync_api import Page

from tbgateway.controlplane.web.routes import web_routes

_LINKS = "links => links.map(link => link.getAttribute('href'))"
_NO_PAGES = re.compile(r"/boards(/.*)?|/ui/static/.*|/favicon.*|/robots\.txt")
_ROUTES = web_routes(cast("Any", None))  # asked for their patterns only
_PATTERNS = tuple(
    one.pattern for one in _ROUTES if one.method == "GET" and not _NO_PAGES.fullmatch(one.pattern)
)


def kind_of(url: str) -> str:
    """Return the pattern of the route, and the names in the query."""
    parts = urlsplit(url)
    names = ",".join(sorted(parse_qs(parts.query, keep_blank_values=True)))
    pattern = next((one for one in _PATTERNS if _fits(one, parts.path)), parts.path)
    return f"{pattern}?{names}" if names else pattern


def _filled(pattern: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        pattern = pattern.replace(f"{{{name}}}", value)
    return pattern


def _fits(pattern: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", pattern), path) is not None


class Crawl:
    """Loads one page after the other; yields the path of each while it is in the window.

    Of addresses that differ in the values of their query only one is loaded.
    """

    def __init__(self, page: Page, url: str) -> None:
        self._page = page
        self._url = url
        self._left: deque[str] = deque()
        self._known: set[str] = set()
        self._kinds: set[str] = set()
        self.also("/")

    def also(self, *paths: str) -> None:
        """Go there, too, whether or not a link leads there."""
        for path in paths:
            if path not in self._known:
                self._known.add(path)
                self._left.append(path)

    def also_every_route(self, **names: str) -> None:
        """Go to all addresses that there are; `names` fill in their patterns."""
        self.also(*(path for one in _PATTERNS if "{" not in (path := _filled(one, names))))

    def __iter__(self) -> Iterator[str]:
        while self._left:
            path = self._left.popleft()
            self._page.goto(self._url + path)
            where = self._page.url.removeprefix(self._url)
            self._kinds |= {kind_of(path), kind_of(where)}
            yield path
            self._note_links(where)

    def unseen(self) -> set[str]:
        """Return the patterns of routes at which nobody has been."""
        seen = {kind.partition("?")[0] for kind in self._kinds}
        return {one for one in _PATTERNS if one not in seen}

    def _note_links(self, where: str) -> None:
        for link in self._page.locator("a[href]").evaluate_all(_LINKS):
            url = urljoin(self._url + where, link).partition("#")[0]
            path = url.removeprefix(self._url)
            if path == url or _NO_PAGES.fullmatch(urlsplit(path).path):
                continue
            if "?" not in path:
                self.also(path)
            elif kind_of(path) not in self._kinds:
                self._kinds.add(kind_of(path))
                self.also(path)
