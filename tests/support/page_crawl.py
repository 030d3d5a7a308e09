"""Walks through the pages of a gateway as somebody who follows every link and sends nothing."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import aiohttp

from tbgateway.dataplane.router import Router
from tbgateway.routes import Route

Attributes = dict[str, str]
_NO_PAGES = ("/boards/", "/ui/static/", "/assets/", "/favicon")


@dataclass
class _Form:
    method: str
    action: str
    submits: list[Attributes] = field(default_factory=list)


@dataclass
class _Page(HTMLParser):
    """The links and the forms of a page; buttons outside of their form name it by its id."""

    links: list[str] = field(default_factory=list)
    forms: list[_Form] = field(default_factory=list)
    _open: _Form | None = None
    _by_id: dict[str, _Form] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        match tag:
            case "a":
                self.links.append(known.get("href", ""))
            case "form":
                self._open = _Form(known.get("method", "get").upper(), known.get("action", ""))
                self._by_id[known.get("id", "")] = self._open
                self.forms.append(self._open)
            case "button" if known.get("type", "submit") == "submit":
                form = self._by_id.get(known["form"]) if "form" in known else self._open
                assert form is not None, f"a button of no form: {known}"
                form.submits.append(known)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


class PageCrawl:
    """What was found: `pages` by their patterns, and `forms`, one for each of their buttons.

    A form is written as `POST /ui/boards/{board}/rename`; where its button sends a value of its
    own, as `POST /ui/boards action=stop`.
    """

    def __init__(self, url: str, routes: Iterable[Route]) -> None:
        self.pages: set[str] = set()
        self.forms: set[str] = set()
        self._url = url
        self._router = Router(routes)
        self._cookies: dict[str, str] = {}

    async def sign_in(self, username: str, password: str) -> None:
        """Sign in as a person does; everything after it is seen by that member."""
        await self.walk("/ui/sign-in")
        fields = {"username": username, "password": password}
        door = f"{self._url}/ui/sign-in"
        async with (
            aiohttp.ClientSession() as session,
            session.post(door, data=fields, allow_redirects=False) as answer,
        ):
            assert answer.status == 303, await answer.text()
            self._cookies = {name: one.value for name, one in answer.cookies.items() if one.value}

    async def walk(self, start: str) -> None:
        """Begin at this path and go everywhere; whatever a link leads to must be there."""
        waiting = deque([urljoin(self._url, start)])
        seen = set(waiting)
        async with aiohttp.ClientSession(headers={"Accept": "text/html"}) as session:
            while waiting:
                here = waiting.popleft()
                page = await self._read(session, here)
                self.pages.add(self._pattern("GET", here))
                self.forms |= set(self._forms_of(page, here))
                links = {urljoin(here, link).partition("#")[0] for link in page.links}
                new = {link for link in links - seen if self._is_page(link)}
                seen |= new
                waiting.extend(sorted(new))

    async def _read(self, session: aiohttp.ClientSession, url: str) -> _Page:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {"Cookie": cookie} if cookie else {}
        async with session.get(url, headers=headers) as answer:
            assert answer.status == 200, f"{url} answers {answer.status}"
            page = _Page()
            page.feed(await answer.text())
            return page

    def _forms_of(self, page: _Page, here: str) -> Iterator[str]:
        for form in page.forms:
            assert form.submits, f"{here} has a form without a button: {form.action}"
            for submit in form.submits:
                method = submit.get("formmethod", form.method).upper()
                target = urljoin(here, submit.get("formaction", form.action) or here)
                choice = f" {submit['name']}={submit.get('value', '')}" if "name" in submit else ""
                yield f"{method} {self._pattern(method, target)}{choice}"

    def _pattern(self, method: str, url: str) -> str:
        return self._router.match(method, urlsplit(url).path).route.pattern

    def _is_page(self, url: str) -> bool:
        path = urlsplit(url).path
        return url.startswith(f"{self._url}/") and not path.startswith(_NO_PAGES)
