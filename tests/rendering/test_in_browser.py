"""The pages in a browser: inside of their window, in both schemes, without complaints."""

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

import pytest
from axe import violations
from browser import chromium
from playwright.sync_api import Browser, Route

from tbgateway.dataplane.security_headers import SECURITY_HEADERS
from tbgateway.rendering.contexts.page import Page
from tbgateway.rendering.pages import render
from tbgateway.rendering.static_files import STATIC_FILES
from tbgateway.rendering.urls import Urls

pytestmark = pytest.mark.slow
Examples = Callable[[Urls, str], Mapping[str, Page]]
LONG = "an-extremely-long-word-without-any-space-in-it-" * 5


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def _serve(pages: Mapping[str, Page]) -> Callable[[Route], None]:
    """Answer the browser's requests with what the gateway would send, headers included."""

    def answer(route: Route) -> None:
        name = urlsplit(route.request.url).path.rpartition("/")[2]
        file = STATIC_FILES.get(name)
        if file is not None:
            route.fulfill(body=file.content, headers={"Content-Type": file.content_type})
        else:
            html = render(pages[name.replace("%20", " ")])
            headers = {**SECURITY_HEADERS, "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=html, headers=headers)

    return answer


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_its_window_and_breaks_no_rule(
    browser: Browser, examples: Examples, width: int, scheme: str
) -> None:
    pages = examples(Urls.seen_from("/page"), LONG)
    window = browser.new_page(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    complaints: list[str] = []
    window.on("console", lambda message: complaints.append(message.text))
    window.on("pageerror", lambda error: complaints.append(str(error)))
    window.route("**/*", _serve(pages))
    grounds = set()
    for name in pages:
        window.goto(f"https://gateway.example/{name}")
        content = window.evaluate("document.documentElement.scrollWidth")
        assert content <= width, f"{name!r} is {content} px wide"
        ground = window.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds.add("dark" if int(re.findall(r"\d+", ground)[0]) < 128 else "light")
    window.close()

    assert complaints == []
    assert grounds == {scheme}


def test_axe_finds_nothing_on_any_page(browser: Browser, examples: Examples) -> None:
    pages = examples(Urls.seen_from("/page"), LONG)
    window = browser.new_page()
    window.route("**/*", _serve(pages))
    wrong = {}
    for name in pages:
        window.goto(f"https://gateway.example/{name}")
        wrong[name] = violations(window)
    window.close()

    assert {name: found for name, found in wrong.items() if found} == {}
