"""Names that look like markup, or turn the line around, on every page: they stay text."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from urllib.parse import quote

import pytest
from axe import looks
from browser import chromium, sign_in
from crawl import Crawl, kind_of
from page_watch import PageWatch
from playwright.sync_api import Browser, BrowserContext
from running_gateway import ADMIN_PASSWORD, RunningGateway
from settled_gateway import PLAIN, Words, settled

from tbgateway.controlplane.web.search_words import SearchWords

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MARKUP = '"><img src=x onerror="window.hacked=1"><svg onload=window.hacked=1>'
ATTRIBUTES = "' onfocus='window.hacked=1' autofocus style='color:red' x='"
TEMPLATE = "{{ 7*7 }}{% raw %}${window.hacked=1}<%= 1 %>&lt;b&gt;&#60;b&#62;<!--"
TURNED = "model-\u202etxt.exe\u2066\u2067\u061c\u05e2\u05d1\u05e8\u05d9\u05ea"
ENDLESS = "w" * 200
HOSTILE = Words(
    experiments=(MARKUP, ATTRIBUTES, TEMPLATE, TURNED, ENDLESS, "javascript:window.hacked=1"),
    run="<script>window.hacked=1<",
    tag="</td></table><script>window.hacked=1</script>",
    registered="<script>window.hacked=1</script>/" + "\u05e2\u05d1\u05e8" + "長" * 60,
    reason=f"</main><iframe srcdoc='<script>parent.hacked=1</script>'>{TURNED}{ENDLESS}",
    marked="'\"></ul><script>window.hacked=1</script>" + "t" * 55,
    notes=f"</textarea></pre><script>window.hacked=1</script>'\" {TURNED}\n\n{ENDLESS}",
    label=f"<form action=//evil.test>{TURNED} " + "y" * 30,
    username="a" * 60 + "@+-.",
    board="b" * 63,
)
AGENT = "Mozilla/5.0 <script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>"
QUERIES = (
    "/?text={}",
    "/ui/experiments?text={}",
    "/ui/experiments?scalar={}",
    "/ui/sign-in?next={}",
)

_SKELETON = """() => [...document.querySelectorAll("*")].map(
    one => [one.localName, ...one.getAttributeNames().sort()].join(" "))"""
_TURNED_TOO = """() => {
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode;
        if (!/[\\u202a-\\u202e\\u2066-\\u2069]/.test(text.data)) continue;
        let around = text.parentElement;
        const isolates = one => {
            const style = getComputedStyle(one);
            return style.display !== "inline" || /isolate|plaintext/.test(style.unicodeBidi);
        };
        while (!isolates(around)) around = around.parentElement;
        if (around.textContent.trim() !== text.data.trim()) found.push(around.outerHTML);
    }
    return found;
}"""


_CUT_OFF = """() => [...document.querySelectorAll("main :not(input, select)")].filter(one => {
    const { overflowX, textOverflow } = getComputedStyle(one);
    const hides = /hidden|clip/.test(overflowX) && textOverflow !== "ellipsis";
    return hides && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1;
}).map(one => one.outerHTML.slice(0, 300))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def gateways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, RunningGateway]]:
    """Yield two gateways that differ in nothing but names."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(settled(tmp_path_factory.mktemp(name), words))
            for name, words in {"plain": PLAIN, "hostile": HOSTILE}.items()
        }


def context_of(browser: Browser) -> BrowserContext:
    return browser.new_context(user_agent=AGENT, viewport={"width": 360, "height": 740})


def skeletons(browser: Browser, gateway: RunningGateway) -> Mapping[str, Counter[str]]:
    """Return how many elements with which attributes there are, by kind of page."""
    context = context_of(browser)
    page = context.new_page()
    sign_in(page, gateway.url, "admin", ADMIN_PASSWORD)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in Crawl(page, gateway.url):
        page.wait_for_load_state("load")
        found[kind_of(path)].update(page.evaluate(_SKELETON))
    context.close()
    return found


def test_names_make_no_element_and_no_attribute(
    browser: Browser, gateways: Mapping[str, RunningGateway]
) -> None:
    plain, hostile = (skeletons(browser, gateways[name]) for name in ("plain", "hostile"))
    assert set(hostile) == set(plain)
    grown = {kind: hostile[kind] - plain[kind] for kind in plain if hostile[kind] != plain[kind]}
    assert grown == {}


def test_names_neither_run_nor_escape_nor_make_pages_wide(
    browser: Browser, gateways: Mapping[str, RunningGateway]
) -> None:
    context = context_of(browser)
    watched = PageWatch(context)
    page = context.new_page()
    page.on("dialog", lambda dialog: watched.complaints.append(f"dialog: {dialog.message}"))
    sign_in(page, gateways["hostile"].url, "admin", ADMIN_PASSWORD)
    crawl = Crawl(page, gateways["hostile"].url)
    wrong: defaultdict[str, list[str]] = defaultdict(list)
    for path in crawl:
        if page.evaluate("window.hacked"):
            wrong[path].append("something ran")
        wrong[path] += page.evaluate(_TURNED_TOO)
        for _scheme, width in looks(page, schemes=("light",)):
            content = page.evaluate("document.documentElement.scrollWidth")
            if content > width:
                wrong[path].append(f"it is {content} px wide of {width}")
            wrong[path] += [f"cut off at {width} px: {one}" for one in page.evaluate(_CUT_OFF)]
    assert {path: found for path, found in wrong.items() if found} == {}
    assert watched.faults == []
    context.close()


@pytest.mark.parametrize(
    "text",
    [MARKUP, ATTRIBUTES, TEMPLATE, TURNED, ENDLESS],
    ids=["markup", "attributes", "template", "turned", "endless"],
)
def test_what_an_address_says_stays_text(
    browser: Browser, gateways: Mapping[str, RunningGateway], text: str
) -> None:
    context = context_of(browser)
    watched = PageWatch(context)
    page = context.new_page()
    url = gateways["plain"].url
    sign_in(page, url, "admin", ADMIN_PASSWORD)
    for query in QUERIES:
        counts = []
        harmless = "harmless <" if SearchWords.of(text).flaw else "harmless"
        for value in (harmless, text):
            page.goto(url + query.format(quote(value, safe="")))
            counts.append(Counter(page.evaluate(_SKELETON)))
            assert page.evaluate("window.hacked") is None
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert counts[0] == counts[1], query
    assert watched.faults == []
    context.close()
