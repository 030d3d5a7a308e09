"""Pages that stay true without being loaded again, in a real browser before a real gateway."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from browser import launched
from house import CHIEF
from live_site import Site, sign_in, signed_in, site
from nginx_process import NginxInFront, shipped_site
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from tbgateway.boards import Entry
from tbgateway.domain.model import Access

pytestmark = pytest.mark.slow


@pytest.fixture
async def gateway() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as one:
        yield one


@pytest.fixture
async def window(browser: Browser, gateway: Site) -> AsyncIterator[BrowserContext]:
    async with signed_in(browser, gateway.url) as context:
        yield context


@pytest.fixture
async def page(window: BrowserContext, gateway: Site) -> Page:
    """Return the page with all boards, which are `audio` and `vision`, hearing of news."""
    for name in ("audio", "vision"):
        await gateway.gateway.boards.create(CHIEF, name, (), Entry(access=Access.PUBLIC))
    page = await window.new_page()
    await page.goto(gateway.url)
    await gateway.until_heard()
    return page


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


async def test_what_others_do_is_seen(page: Page, gateway: Site) -> None:
    boards = gateway.gateway.boards
    await expect(row(page, "vision")).to_contain_text("Sleeping")
    await boards.pause(CHIEF, "vision")
    await expect(row(page, "vision")).to_contain_text("Paused")
    await boards.create(CHIEF, "text", (), Entry())
    await expect(row(page, "text")).to_be_visible()
    await boards.rename(CHIEF, "text", "language")
    await expect(row(page, "language")).to_be_visible()
    await expect(row(page, "text")).to_have_count(0)
    await boards.delete(CHIEF, "language")
    await expect(row(page, "language")).to_have_count(0)


async def test_changes_are_read_out(page: Page, gateway: Site) -> None:
    await gateway.gateway.boards.pause(CHIEF, "vision")
    voice = page.locator("#voice")
    await expect(voice).to_contain_text("vision")
    await expect(voice).to_contain_text("Paused")
    assert await voice.get_attribute("role") == "status"
    await gateway.gateway.boards.delete(CHIEF, "vision")
    await expect(voice).to_contain_text("Boards 1")


async def test_the_first_board_appears_and_the_last_one_leaves(page: Page, gateway: Site) -> None:
    for name in ("audio", "vision"):
        await gateway.gateway.boards.delete(CHIEF, name)
    await expect(page.get_by_role("table")).to_have_count(0)
    await gateway.gateway.boards.create(CHIEF, "first", (), Entry())
    await expect(row(page, "first")).to_be_visible()


async def test_what_somebody_does_meanwhile_stays(page: Page, gateway: Site) -> None:
    """Typed text, the place in it, ticked boxes: also where rows come and go around them."""
    search = page.get_by_role("searchbox")
    box = row(page, "vision").get_by_role("checkbox")
    await box.check()
    await page.evaluate(
        "document.querySelector('form[data-search]').removeAttribute('data-search')"
    )
    await search.fill("unfinished")
    await search.evaluate("field => field.setSelectionRange(2, 4)")
    await gateway.gateway.boards.create(CHIEF, "a-first-row", (), Entry())
    await expect(row(page, "a-first-row")).to_be_visible()
    await expect(box).to_be_checked()
    await gateway.gateway.boards.pause(CHIEF, "vision")
    await gateway.gateway.boards.delete(CHIEF, "audio")
    await expect(row(page, "vision")).to_contain_text("Paused")
    await expect(row(page, "audio")).to_have_count(0)

    await expect(search).to_be_focused()
    await expect(search).to_have_value("unfinished")
    assert await search.evaluate("field => [field.selectionStart, field.selectionEnd]") == [2, 4]
    await expect(box).to_be_checked()
    await expect(row(page, "a-first-row").get_by_role("checkbox")).not_to_be_checked()


async def test_the_focus_stays_in_a_row_that_moves(page: Page, gateway: Site) -> None:
    await row(page, "vision").get_by_role("link", name="Open").focus()
    await gateway.gateway.boards.rename(CHIEF, "vision", "a-first-row")
    await expect(page.get_by_role("row").nth(1)).to_contain_text("a-first-row")
    await expect(row(page, "a-first-row").get_by_role("link", name="Open")).to_be_focused()


async def test_all_tabs_share_one_stream_and_ten_leave_room_for_a_board(
    page: Page, gateway: Site, window: BrowserContext
) -> None:
    """Browsers open six connections to a host."""
    pages = [page, *[await window.new_page() for _ in range(9)]]
    for one in pages[1:]:
        await one.goto(gateway.url)
    await gateway.gateway.boards.pause(CHIEF, "audio")
    for one in pages:
        await expect(row(one, "audio")).to_contain_text("Paused")
    await gateway.until_heard(1)

    board = await window.new_page()
    await board.goto(f"{gateway.url}/boards/vision/data/runs")
    assert await board.locator("body").text_content() == "[]"
    for one in pages:
        await one.close()
    await gateway.until_heard(0)


async def test_a_browser_without_shared_workers_gives_each_tab_a_stream(
    browser: Browser, gateway: Site
) -> None:
    await gateway.gateway.boards.create(CHIEF, "vision", (), Entry())
    async with signed_in(browser, gateway.url) as window:
        await window.add_init_script("delete globalThis.SharedWorker")
        pages = [await window.new_page() for _ in range(2)]
        for page in pages:
            await page.goto(gateway.url)
        await gateway.until_heard(2)
        await gateway.gateway.boards.pause(CHIEF, "vision")
        for page in pages:
            await expect(row(page, "vision")).to_contain_text("Paused")


async def test_a_hidden_tab_lets_go_and_catches_up_when_it_is_seen(
    page: Page, gateway: Site
) -> None:
    await look_away(page, hidden=True)
    await gateway.until_heard(0)
    await gateway.gateway.boards.pause(CHIEF, "vision")
    await look_away(page, hidden=False)
    await expect(row(page, "vision")).to_contain_text("Paused")
    await gateway.until_heard()
    await gateway.gateway.boards.start(CHIEF, "vision")
    await expect(row(page, "vision")).to_contain_text("Running")


async def look_away(page: Page, *, hidden: bool) -> None:
    """Do what the browser does when another tab comes before this one."""
    await page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
        }""",
        hidden,
    )


async def test_a_page_goes_on_when_the_gateway_comes_back(browser: Browser) -> None:
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        home = Path(directory)
        async with site(home) as first:
            await first.gateway.boards.create(CHIEF, "vision", (), Entry())
            page = await (await browser.new_context()).new_page()
            await sign_in(page, first.url)
            await first.until_heard()
        await expect(page.get_by_role("alert")).to_contain_text("The gateway does not answer.")
        async with site(
            home, overrides={"server.listen": [first.url.removeprefix("http://")]}
        ) as second:
            await second.gateway.boards.pause(CHIEF, "vision")
            await expect(row(page, "vision")).to_contain_text("Paused")
            await expect(page.get_by_role("alert")).to_be_hidden()
            await second.until_heard()
            await second.gateway.boards.start(CHIEF, "vision")
            await expect(row(page, "vision")).to_contain_text("Running")


async def test_who_is_signed_out_is_told_once_and_loses_nothing(
    page: Page, gateway: Site, window: BrowserContext
) -> None:
    await row(page, "vision").get_by_role("checkbox").check()
    other = await window.new_page()
    await other.goto(gateway.url)
    await other.get_by_role("button", name="Sign out").click()
    await gateway.gateway.boards.pause(CHIEF, "vision")

    notice = page.get_by_role("alert")
    await expect(notice).to_contain_text("You are signed out.")
    await expect(row(page, "vision").get_by_role("checkbox")).to_be_checked()
    await gateway.until_heard(0)
    await notice.get_by_role("link", name="Sign in").click()
    await expect(page.get_by_label("Password")).to_be_visible()


async def test_a_page_of_what_was_deleted_says_so(page: Page, gateway: Site) -> None:
    await page.goto(f"{gateway.url}/ui/boards/vision")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("vision")
    await gateway.until_heard()
    await gateway.gateway.boards.delete(CHIEF, "vision")
    notice = page.get_by_role("alert")
    await expect(notice).to_contain_text("vision")
    await notice.get_by_role("link", name="All boards").click()
    await expect(row(page, "audio")).to_be_visible()


async def test_a_page_follows_what_was_renamed(page: Page, gateway: Site) -> None:
    await page.goto(f"{gateway.url}/ui/boards/vision")
    await gateway.until_heard()
    await gateway.gateway.boards.rename(CHIEF, "vision", "sight")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("sight")


async def test_a_proxy_that_buffers_does_not_hold_the_news_back(
    browser: Browser, tmp_path: Path
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    upstream = f"127.0.0.1:{listener.getsockname()[1]}"
    with NginxInFront(tmp_path / "nginx") as front:
        overrides = {
            "server.listen": [f"fd:{listener.detach()}"],  # the gateway closes it
            "server.public_url": front.url,
            "server.trusted_proxies": ["127.0.0.1"],
        }
        buffering = shipped_site().replace("proxy_buffering off;", "proxy_buffering on;")
        async with site(overrides=overrides) as gateway:
            await gateway.gateway.boards.create(CHIEF, "vision", (), Entry())
            await asyncio.to_thread(front.start, upstream=upstream, site=buffering)
            async with signed_in(browser, front.url) as window:
                page = await window.new_page()
                await page.goto(f"{front.url}/")
                await gateway.until_heard()
                await gateway.gateway.boards.pause(CHIEF, "vision")
                await expect(row(page, "vision")).to_contain_text("Paused")


async def test_where_the_stream_is_swallowed_pages_look_by_themselves(
    browser: Browser, gateway: Site
) -> None:
    await gateway.gateway.boards.create(CHIEF, "vision", (), Entry())
    async with (
        swallowing(int(gateway.url.rpartition(":")[2])) as url,
        signed_in(browser, url) as window,
    ):
        page = await window.new_page()
        await page.clock.install()
        await page.goto(url)
        await gateway.until_heard()
        await gateway.gateway.boards.pause(CHIEF, "vision")
        for _ in range(8):  # the page's own clock, five seconds at a time
            await page.clock.run_for(5_000)
            await asyncio.sleep(0.1)
        await expect(row(page, "vision")).to_contain_text("Paused")
        await page.clock.pause_at(await page.evaluate("Date.now() + 60_000"))
        for _ in range(4):  # it knows by now, and asks every two seconds
            async with page.expect_response(page.url):
                await page.clock.run_for(2_100)


@asynccontextmanager
async def swallowing(port: int) -> AsyncIterator[str]:
    """Stand before a gateway as a proxy that never passes on what a stream says."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        swallows = asyncio.Event()

        async def ask() -> None:
            while data := await reader.read(65536):
                if b"/api/v1/events" in data:
                    swallows.set()
                far_writer.write(data)
            far_writer.close()

        async def answer() -> None:
            while data := await far_reader.read(65536):
                if not swallows.is_set():
                    writer.write(data)
            writer.close()

        await asyncio.gather(ask(), answer(), return_exceptions=True)

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def test_a_page_runs_no_script_but_the_products_own(page: Page, gateway: Site) -> None:
    """Not even one of this origin: that may come out of somebody's experiment."""
    ran = await page.evaluate(
        """async url => {
            const ran = [];
            const script = address => new Promise(done => {
                const one = document.createElement("script");
                one.onload = () => done(ran.push(address));
                one.onerror = () => done();
                try { one.src = address; document.head.append(one); } catch { done(); }
            });
            await script(url + "/boards/vision/x.js");
            for (const attempt of [
                () => document.body.innerHTML = "<b>",
                () => new Worker(url + "/boards/vision/x.js"),
            ]) try { attempt(); ran.push(attempt.toString()); } catch { /* as it should be */ }
            return ran;
        }""",
        gateway.url,
    )
    assert ran == []
