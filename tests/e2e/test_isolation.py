"""A hostile plugin on one board, in a real browser that knows the passwords of everything.

The plugin runs on both boards. `alpha` is where it attacks from; what it finds on `beta`, or in the
API, it should not get. Every attack is also made without the step that stops it: then it succeeds.
"""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from browser import launched
from event_writer import write_scalars
from gateway_in_process import ADMIN_PASSWORD, PATIENCE, gateway_in_process
from hostile_plugin import NAME, write_hostile_plugin
from playwright.async_api import Browser, BrowserContext, Frame, Page, Route
from signing_in import sign_in
from structlog.testing import capture_logs

from tbgateway.boards import Entry
from tbgateway.dataplane.arrivals import arrive_alone
from tbgateway.dataplane.cross_site import refuse_cross_site
from tbgateway.dataplane.incoming import incoming
from tbgateway.dataplane.means import Means, Next, Step
from tbgateway.dataplane.pipeline import STEPS
from tbgateway.dataplane.security_headers import secure, secure_responses
from tbgateway.domain.model import Access, Role, SignedIn
from tbgateway.gateway import Gateway
from tbgateway.routes import Exchange
from tbgateway.samples import write_samples

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ADMIN = SignedIn("admin", Role.ADMIN)
BARE = "/boards/alpha/data/plugin/hostile/bare.html"  # a page without a policy of TensorBoard's
BARE_BETA = BARE.replace("alpha", "beta")
OWN = ("/boards/alpha/", "/assets/")


async def secure_our_own_only(
    _means: Means, exchange: Exchange, call_next: Next
) -> web.StreamResponse:
    """Stand in for secure_responses: boards' answers leave as they are."""

    def touch(response: web.StreamResponse) -> None:
        if exchange.ours:
            secure(response)

    incoming(exchange).before_headers(touch)
    return await call_next(exchange)


UNLIMITED = tuple(
    secure_our_own_only if step is secure_responses else step
    for step in STEPS
    if step is not refuse_cross_site
)
"""The pipeline without what keeps boards apart."""
WITHOUT_DETOUR = tuple(step for step in STEPS if step is not arrive_alone)


@dataclass
class Site:
    """A gateway with the boards `alpha` and `beta`, and a browser."""

    gateway: Gateway
    browser: Browser
    log: list[Any]

    @property
    def url(self) -> str:
        return self.gateway.url

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[BrowserContext]:
        """Begin as somebody who may see everything."""
        context = await self.browser.new_context()
        try:
            signed_in = await sign_in(self.url, "admin", ADMIN_PASSWORD)
            self.log.clear()
            name, _, secret = signed_in.cookie.partition("=")
            kept = {"httpOnly": True, "sameSite": "Lax"}
            await context.add_cookies([{"name": name, "value": secret, "url": self.url, **kept}])
            yield context
        finally:
            await context.close()

    def asked(self) -> set[str]:
        """Return "METHOD path" of every request that arrived, whatever it was answered."""
        requests = (entry for entry in self.log if entry["event"] == "request")
        return {f"{request['method']} {request['path']}" for request in requests}


@asynccontextmanager
async def site(home: Path, steps: Iterable[Step] = STEPS) -> AsyncIterator[Site]:
    if not (home / "runs").exists():
        write_scalars(home / "runs" / "resnet", {"loss": [1.0, 0.5]})
    names = tuple(path.name for path in (home / "runs").iterdir())
    allowed = {"boards.plugins": [NAME]}
    with capture_logs() as log:
        async with (
            launched() as browser,
            gateway_in_process(
                home, {"runs": home / "runs"}, steps=steps, make_launcher=None, overrides=allowed
            ) as gateway,
        ):
            for board in ("alpha", "beta"):
                await gateway.boards.create(ADMIN, board, names, Entry(access=Access.MEMBERS))
            yield Site(gateway, browser, log)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a directory with a short path, for sockets, and with the plugin beside it."""
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        plugins = Path(directory) / "plugins"
        write_hostile_plugin(plugins)
        monkeypatch.setenv("PYTHONPATH", str(plugins))
        yield Path(directory)


async def eventually(reached: Callable[[], Any]) -> Any:
    """Return the first true result."""
    async with asyncio.timeout(PATIENCE):
        while not (result := reached()):
            await asyncio.sleep(0.05)
    return result


async def brought_home(frame: Frame | Page) -> dict[str, str]:
    """Return which attacks succeeded, and what they found."""
    done = frame.locator("#findings[data-done]")
    await done.wait_for(state="attached", timeout=PATIENCE * 1000)
    found: dict[str, str] = json.loads(await done.inner_text())
    return {name: text for name, text in found.items() if not text.startswith("failed: ")}


async def attack_from_a_page(page: Page, url: str) -> Frame:
    await page.goto(f"{url}{BARE}?attack")
    return page.main_frame


async def attack_from_a_dashboard(page: Page, url: str) -> Frame:
    await page.goto(f"{url}/boards/alpha/#hostile")
    return await eventually(lambda: next((f for f in page.frames if "plugin_entry" in f.url), None))


@pytest.mark.parametrize("attack", [attack_from_a_page, attack_from_a_dashboard])
async def test_a_hostile_board_brings_nothing_home(home: Path, attack: Any) -> None:
    async with site(home) as running, running.visitor() as visitor:
        found = await brought_home(await attack(await visitor.new_page(), running.url))

        assert found == {"followRedirect": "302 "}  # an answer without its Location
        strays = {one for one in running.asked() if not one.partition(" ")[2].startswith(OWN)}
        assert strays == set()
        assert {board.name for board in running.gateway.store.boards.values()} == {"alpha", "beta"}


async def test_without_our_step_it_brings_home_nearly_everything(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.dataplane.proxying.below_board", lambda headers, _rest: headers)
    async with site(home, UNLIMITED) as running, running.visitor() as visitor:
        frame = await attack_from_a_page(await visitor.new_page(), running.url)
        found = await brought_home(frame)

        assert set(found) >= {
            *("fetchApi", "postApi", "fetchUi", "fetchBoard", "postBoard", "followRedirect"),
            *("importJson", "importApi", "importScript", "readPixels", "readFrame"),
            *("readFrameOfFrame", "readStyle", "workFromBlob"),
        }
        assert "resnet" in found["followRedirect"]
        assert "alpha" in found["importApi"]
        assert running.asked() >= {
            "GET /",
            "GET /api/v1/boards",
            "POST /api/v1/boards",
            "GET /boards/beta/data/runs",
            "GET /boards/beta/data/plugin/hostile/secret.png",
        }
        assert "stolen" in {board.name for board in running.gateway.store.boards.values()}


POLL = """
const poll = (look) => new Promise((resolve) => {
  let left = 60;
  const again = () => {
    try { const seen = look(); if (seen) return resolve(seen); } catch (error) {}
    if (!left--) return resolve("nothing");
    setTimeout(again, 50);
  };
  again();
});
"""
TAKEN = "w && w.location.pathname === beta && w.document.title"
WINDOWS = {
    "a window": f"const w = open(beta); found = poll(() => {TAKEN})",
    "a window of its own first": (
        "const w = open(''); w.document.open(); w.document.write('x'); w.document.close();"
        f"setTimeout(() => {{ w.location = beta }}, 200); found = poll(() => {TAKEN})"
    ),
    "a window with a name": (
        "document.body.innerHTML += `<a id=l target=named href=${beta}>`;"
        f"document.querySelector('#l').click(); const w = open('', 'named');"
        f"found = poll(() => {TAKEN})"
    ),
}


async def click_to_run(page: Page, code: str) -> None:
    """Run code as somebody who clicks lets a page run it: then it may open a window."""
    await page.evaluate(
        f"() => {{ {POLL} document.querySelector('#go').onclick = () => {{{code}}} }}"
    )
    await page.click("#go")


@pytest.mark.parametrize("name", WINDOWS)
async def test_a_board_gets_no_hold_of_another_boards_window(home: Path, name: str) -> None:
    code = f"const beta = '{BARE_BETA}'; let found = Promise.resolve('nothing');"
    code += f"try {{ {WINDOWS[name]} }} catch (error) {{ }} window.found = found"
    for place, steps, expected in (("a", STEPS, "nothing"), ("b", UNLIMITED, "bare")):
        async with site(home / place, steps) as running, running.visitor() as visitor:
            page = await visitor.new_page()
            await page.goto(running.url + BARE)
            await click_to_run(page, code)
            assert await page.evaluate("found") == expected
            assert len(visitor.pages) == (1 if steps is STEPS else 2)


async def test_a_board_leaves_no_window_behind_that_watches_the_next_one(home: Path) -> None:
    """No opener policy ends this one: both windows, and both boards, are of one origin."""
    watch = f"{POLL} window.found = poll(() => opener.location.pathname === '{BARE_BETA}'"
    watch += " && opener.document.title)"
    code = f"const w = open(''); try {{ w.eval({json.dumps(watch)}) }} catch (error) {{ }}"
    code += f"location = '{BARE_BETA}'"
    for place, steps, expected in (("a", STEPS, []), ("b", UNLIMITED, ["bare"])):
        async with site(home / place, steps) as running, running.visitor() as visitor:
            page = await visitor.new_page()
            await page.goto(running.url + BARE)
            await click_to_run(page, code)
            await page.wait_for_url(running.url + BARE_BETA)
            left = [other for other in visitor.pages if other is not page]
            assert [await other.evaluate("found") for other in left] == expected


async def test_a_board_gets_no_hold_of_a_page_of_ours_even_if_it_opens_windows(home: Path) -> None:
    async with site(home, UNLIMITED) as running, running.visitor() as visitor:
        page = await visitor.new_page()
        await page.goto(running.url + BARE)
        for target, expected in (("/", "nothing"), ("/nowhere", "nothing"), (BARE_BETA, "bare")):
            code = f"const w = open('{target}'); window.found = poll(() =>"
            code += f" w.location.pathname === '{target}' && (w.document.title || 'untitled'))"
            await click_to_run(page, code)
            assert await page.evaluate("found") == expected


FOREIGN = """<!doctype html><title>foreign</title><button id=go>go</button>
<script>document.querySelector("#go").onclick = () => {
  window.w = open("@ALPHA@");
  setTimeout(() => { location = "@BETA@" }, 1500);
}</script>"""


def serving(html: str) -> Callable[[Route], Awaitable[None]]:
    async def serve(route: Route) -> None:
        await route.fulfill(body=html, content_type="text/html")

    return serve


async def test_a_foreign_page_passes_no_board_on_to_another(home: Path) -> None:
    """It opens one board, then goes to another one itself: the first board's opener."""
    for place, steps, expected in (("a", STEPS, "no opener"), ("b", WITHOUT_DETOUR, "bare")):
        async with site(home / place, steps) as running, running.visitor() as visitor:
            page = await visitor.new_page()
            lure = FOREIGN.replace("@ALPHA@", running.url + BARE)
            lure = lure.replace("@BETA@", running.url + BARE_BETA)
            await page.route("http://localhost:1/", serving(lure))
            await page.goto("http://localhost:1/")
            async with visitor.expect_page() as opened:
                await page.click("#go")
            popup = await opened.value
            await page.wait_for_url(running.url + BARE_BETA)
            await popup.wait_for_function("document.title === 'bare'")  # the board did open
            await page.wait_for_function("document.title === 'bare'")
            assert await popup.evaluate("opener ? opener.document.title : 'no opener'") == expected


VIEWS = {
    "scalars": "tf-line-chart-data-loader svg, vz-line-chart2 svg, line-chart",
    "images": "tf-image-loader img",
    "text": "tf-text-loader h2",
    "projector": "iframe",
}


async def test_dashboards_break_no_rule(home: Path) -> None:
    write_samples(home / "runs")
    async with site(home) as running, running.visitor() as visitor:
        for view, shown in VIEWS.items():
            page = await visitor.new_page()
            complaints: list[str] = []
            page.on("console", lambda said, to=complaints: to.append(f"{said.type}: {said.text}"))
            page.on("requestfailed", lambda request, to=complaints: to.append(request.url))
            await page.goto(f"{running.url}/boards/alpha/#{view}")
            await page.locator(shown).first.wait_for(timeout=PATIENCE * 1000)
            await page.wait_for_load_state("networkidle")
            if view == "projector":
                projector = page.frame_locator("iframe").frame_locator("iframe")
                points = projector.get_by_text("Points: 187")
                await points.first.wait_for(timeout=PATIENCE * 1000)
            # Chromium warns that a page may undo a sandbox; the one of a policy it cannot.
            assert [text for text in complaints if not text.startswith("warning: ")] == []
            await page.close()


async def test_a_link_to_another_window_opens_one_only_for_who_asks_for_it(home: Path) -> None:
    async with site(home) as running, running.visitor() as visitor:
        await visitor.route("https://github.com/**", serving("<title>help</title>"))
        page = await visitor.new_page()
        await page.goto(f"{running.url}/boards/alpha/")
        await page.click("a.readme")
        async with visitor.expect_page() as opened:
            await page.click("a.readme", modifiers=["Shift"])
        assert await (await opened.value).evaluate("opener") is None
        assert len(visitor.pages) == 2
