"""What the pages' scripts make easier, and pages without them."""

from collections.abc import AsyncIterator

import pytest
from browser import launched
from house import CHIEF
from live_site import Site, sign_in, signed_in, site
from playwright.async_api import Browser, Page, expect

from tbgateway.boards import Entry
from tbgateway.domain.model import Access
from tbgateway.rendering.figures import moment

pytestmark = pytest.mark.slow
DAY = 86_400


@pytest.fixture
async def gateway() -> AsyncIterator[Site]:
    async with site() as running:
        for name in ("audio", "text", "vision"):
            await running.gateway.boards.create(CHIEF, name, (), Entry(access=Access.PUBLIC))
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as one:
        yield one


@pytest.fixture
async def page(browser: Browser, gateway: Site) -> AsyncIterator[Page]:
    """Return the page with all boards."""
    async with signed_in(browser, gateway.url) as window:
        page = await window.new_page()
        await page.goto(gateway.url)
        yield page


async def test_a_list_is_searched_as_one_types(page: Page) -> None:
    search = page.get_by_role("searchbox")
    await search.press_sequentially("visio")
    await expect(page.get_by_role("row", name="audio")).to_have_count(0)
    await expect(page.get_by_role("row", name="vision")).to_be_visible()
    await expect(page.locator("#voice")).to_contain_text("Boards 1 of 3")
    await expect(search).to_be_focused()
    await expect(search).to_have_value("visio")
    assert page.url.endswith("/?text=visio")

    await search.fill("nothing like it")
    await expect(page.get_by_role("row")).to_have_count(0)
    await page.reload()
    await expect(search).to_have_value("nothing like it")
    await search.fill("")
    await expect(page.get_by_role("row", name="audio")).to_be_visible()


async def test_a_selection_is_counted_and_buttons_wait_for_it(page: Page) -> None:
    everything = page.locator("[data-select-all]")
    stop = page.locator(".selection").get_by_role("button", name="Stop")
    count = page.locator(".selection output")
    await expect(stop).to_be_disabled()
    await page.get_by_role("checkbox", name="vision").check()
    await expect(count).to_have_text("1 selected")
    await expect(stop).to_be_enabled()
    assert await everything.evaluate("box => box.indeterminate")
    await everything.click()
    await expect(count).to_have_text("3 selected")
    await everything.click()
    await expect(count).to_have_text("0 selected")
    await expect(stop).to_be_disabled()


async def test_a_password_is_made_up_shown_and_copied(page: Page, gateway: Site) -> None:
    await page.goto(f"{gateway.url}/ui/new-board")
    made = set()
    button = page.locator("button[data-generate]").first
    field = page.locator(f"#{await button.get_attribute('data-generate')}")
    for _ in range(3):
        await button.evaluate("button => button.click()")
        made.add(await field.input_value())
    assert len(made) == 3
    for password in made:
        assert [len(part) for part in password.split("-")] == [4, 4, 4, 4]
    assert await field.get_attribute("type") == "text"
    copy = page.locator("button[data-copy]").first
    await copy.evaluate("button => button.click()")
    await expect(copy).to_have_text("Copied")


async def test_times_are_told_in_the_same_words_as_by_the_gateway(page: Page) -> None:
    now = 1_795_420_800.0
    ages = [0, 44, 46, 89, 119, 120, 3599, 3600, 7300, DAY, 2 * DAY, 29 * DAY, 30 * DAY]
    ages += [364 * DAY, 365 * DAY, 800 * DAY, -30, -90, -7300, -3 * DAY]
    times = [moment(now - age, now) for age in ages]
    await page.clock.set_fixed_time(now)
    told = await page.evaluate(
        """isos => {
            const made = isos.map(iso => {
                const one = document.createElement("time");
                Object.assign(one, { dateTime: iso, title: iso });
                document.querySelector("main").append(one);
                return one;
            });
            document.dispatchEvent(new Event("page-taken"));
            return made.map(one => one.textContent);
        }""",
        [one.iso for one in times],
    )
    assert told == [one.relative for one in times]


async def test_without_tls_it_is_all_the_same() -> None:
    """Browsers keep much from the scripts of such origins: the clipboard, for one."""
    names = {"server.allowed_hosts": ["tensorboards.lan"]}
    async with (
        launched("--host-resolver-rules=MAP tensorboards.lan 127.0.0.1") as browser,
        site(overrides=names) as gateway,
    ):
        url = gateway.url.replace("127.0.0.1", "tensorboards.lan")
        async with signed_in(browser, url) as window:
            page = await window.new_page()
            await page.goto(f"{url}/ui/new-board")
            assert not await page.evaluate("isSecureContext")
            await page.locator("[name=access][value=password]").check()
            await page.locator("[name=password_from][value=own]").check()
            await page.locator("button[data-generate]").first.click()
            copy = page.locator("button[data-copy]").first
            await copy.click()
            await expect(copy).to_have_text("Copied")
            await page.goto(url)
            await gateway.until_heard()
            await gateway.gateway.boards.create(CHIEF, "vision", (), Entry())
            await expect(page.get_by_role("row", name="vision")).to_be_visible()


async def test_without_scripts_nothing_of_it_is_to_be_seen(browser: Browser, gateway: Site) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await sign_in(page, gateway.url)
    for path in ("/", "/ui/new-board"):
        await page.goto(f"{gateway.url}{path}")
        for one in await page.locator("[data-generate], [data-copy], [data-select-all]").all():
            await expect(one).to_be_hidden()
        await expect(page.locator("#ended")).to_be_hidden()
    await page.goto(gateway.url)
    await page.get_by_role("searchbox").fill("visio")
    await page.get_by_role("searchbox").press("Enter")
    await expect(page.get_by_role("row", name="vision")).to_be_visible()
    await expect(page.get_by_role("row", name="audio")).to_have_count(0)
    await context.close()
