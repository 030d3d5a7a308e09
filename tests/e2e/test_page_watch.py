"""What watches the pages in other tests does see what goes wrong on them."""

from collections.abc import Iterator

import pytest
from browser import chromium
from page_watch import PageWatch
from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.slow

SITE = "http://site.test"
GOOD = "<!doctype html><link rel=icon href='data:,'><script src=/team/good.js></script>"
POLICY = "default-src 'self'; img-src 'self' data:"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def watched(browser: Browser, body: str, script: str = "") -> tuple[PageWatch, Page]:
    """Open a page with this body and script below a policy; `/frame` serves the same body."""

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/lost":
            route.abort("connectionreset")
        elif path == "/missing":
            route.fulfill(status=404)
        elif path == "/team/good.js":
            route.fulfill(body=script, content_type="text/javascript")
        else:
            content = body if path == "/frame" else GOOD + body
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=content, content_type="text/html", headers=headers)

    context = browser.new_context()
    context.route("**/*", answer)
    watch = PageWatch(context)
    page = context.new_page()
    page.goto(f"{SITE}/team/")
    page.wait_for_load_state("networkidle")
    return watch, page


def complaints(browser: Browser, body: str, script: str = "") -> str:
    watch, page = watched(browser, body, script)
    page.context.close()
    return "\n".join(watch.complaints)


def test_a_good_page_gives_no_reason_to_complain(browser: Browser) -> None:
    assert complaints(browser, "<p>fine", "console.warn('only a warning')") == ""


def test_an_answer_from_400_up_is_seen(browser: Browser) -> None:
    found = complaints(browser, "", "fetch('/missing')")
    assert f"answered 404: GET {SITE}/missing" in found


def test_a_request_without_an_answer_is_seen(browser: Browser) -> None:
    found = complaints(browser, "", "fetch('/lost', {method: 'POST'}).catch(() => null)")
    assert f"failed: POST {SITE}/lost: net::ERR_CONNECTION_RESET" in found


def test_an_error_in_the_console_is_seen(browser: Browser) -> None:
    assert "console error: oh no" in complaints(browser, "", "console.error('oh no')")


@pytest.mark.parametrize("script", ["throw Error('oh no')", "Promise.reject(Error('oh no'))"])
def test_an_error_that_nobody_catches_is_seen(browser: Browser, script: str) -> None:
    assert "page error:" in complaints(browser, "", script)


def test_a_violation_of_the_policy_is_seen(browser: Browser) -> None:
    found = complaints(browser, "<script>document.title = 'inline'</script>")
    assert f"Content-Security-Policy violation: script-src-elem inline in {SITE}/team/" in found


def test_a_violation_inside_of_a_frame_is_seen(browser: Browser) -> None:
    found = complaints(browser, "<iframe src=/frame></iframe><style>p { color: red }</style>")
    assert f"style-src-elem inline in {SITE}/frame" in found


def test_requests_elsewhere_are_told(browser: Browser) -> None:
    watch, page = watched(browser, "<img src='data:,'>", "fetch('/elsewhere?x=1')")
    assert watch.outside(f"{SITE}/team/") == [f"{SITE}/elsewhere?x=1"]
    assert watch.outside(f"{SITE}/") == []
    page.context.close()
