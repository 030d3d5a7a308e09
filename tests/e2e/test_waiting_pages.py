"""Boards that cannot be looked at yet, or any more, at their own URL."""

from collections.abc import AsyncIterator

import pytest
from browser import launched
from experiment_site import EVENTS
from gateway_in_process import get
from house import CHIEF
from live_site import Site, eventually, signed_in, site
from playwright.async_api import Browser, Page, expect
from signing_in import send

from tbgateway.boards import Entry
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board
from tbgateway.domain.names import LaunchId, launch_id

pytestmark = pytest.mark.slow

VISITOR = ("guest", "open-sesame-please")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as one:
        yield one


@pytest.fixture
async def gateway() -> AsyncIterator[Site]:
    """Run a gateway with a public board of two experiments, of which one is large."""
    async with site() as running:
        for name, size in (("large", 300_000_000), ("small", 1_000)):
            events = running.runs / name / EVENTS
            events.parent.mkdir()
            with events.open("wb") as file:
                file.truncate(size)  # it takes no room on the disk
        await running.gateway.experiments.rescan()
        await running.gateway.boards.create(
            CHIEF, "vision", ["large", "small"], Entry(access=Access.PUBLIC)
        )
        yield running


def board(gateway: Site, name: str = "vision") -> Board:
    return gateway.gateway.boards.find(name, CHIEF)


def state(gateway: Site) -> BoardState:
    return gateway.gateway.boards.status(board(gateway)).state


def launch(gateway: Site) -> LaunchId:
    found = board(gateway)
    return launch_id(found.id, found.generation)


async def opened(gateway: Site, browser: Browser, **options: bool) -> Page:
    """Return the page of a board that does not get ready for now."""
    gateway.launcher.hold = True
    page = await (await browser.new_context(**options)).new_page()  # type: ignore[arg-type] # given by name
    await page.goto(f"{gateway.url}/boards/vision/")
    return page


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_board_that_takes_long_says_what_it_reads_and_opens_by_itself(
    gateway: Site, browser: Browser, *, scripts: bool
) -> None:
    page = await opened(gateway, browser, java_script_enabled=scripts)
    await expect(page.get_by_role("heading", level=1)).to_have_text("vision is starting")
    await expect(page.get_by_role("main")).to_contain_text(
        "2 experiments with 300 MB of event files"
    )
    await expect(page.get_by_role("main")).to_contain_text("held")
    await expect(page.get_by_role("listitem").first).to_contain_text("large")
    await eventually(lambda: state(gateway) is BoardState.STARTING)
    await gateway.launcher.release(launch(gateway))
    await expect(page.locator("tb-webapp")).to_be_attached()
    await page.context.close()


async def test_waiting_is_counted_without_a_flicker(gateway: Site, browser: Browser) -> None:
    page = await opened(gateway, browser)
    await page.evaluate("window.same = document.querySelector('h1')")
    await expect(page.get_by_role("main")).to_contain_text("for ")
    assert await page.evaluate("window.same === document.querySelector('h1')")
    await page.context.close()


async def test_programs_are_not_asked_to_wait_for_a_page(gateway: Site) -> None:
    gateway.launcher.hold = True
    status, body = await get(f"{gateway.url}/boards/vision/")
    assert (status, b"tb-webapp" in body) == (200, True)


async def test_a_board_that_was_quick_before_opens_at_once(gateway: Site, browser: Browser) -> None:
    assert (await get(f"{gateway.url}/boards/vision/data/runs"))[0] == 200
    await gateway.gateway.boards.pause(CHIEF, "vision")
    await eventually(lambda: state(gateway) is BoardState.PAUSED)
    gateway.launcher.hold = True
    await gateway.gateway.boards.start(CHIEF, "vision")
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{gateway.url}/boards/vision/")
    await expect(page.locator("tb-webapp")).to_be_attached()
    await page.context.close()


async def test_a_board_that_fails_while_it_is_waited_for_says_why(
    gateway: Site, browser: Browser
) -> None:
    page = await opened(gateway, browser)
    await eventually(lambda: state(gateway) is BoardState.STARTING)
    gateway.launcher.refusal = "no memory left"
    await gateway.launcher.crash(launch(gateway))
    await expect(page.get_by_role("main")).to_contain_text("no memory left", timeout=60_000)
    await expect(page.get_by_role("heading", level=1)).to_have_text("The board failed")
    await expect(page.get_by_role("button", name="Start")).to_have_count(0)
    await page.context.close()


@pytest.mark.parametrize("access", [Access.MEMBERS, Access.PUBLIC])
async def test_a_stopped_board_is_started_where_it_is_missed(
    gateway: Site, browser: Browser, access: Access
) -> None:
    await gateway.gateway.boards.set_entry(CHIEF, "vision", Entry(access=access))
    await gateway.gateway.boards.pause(CHIEF, "vision")
    async with signed_in(browser, gateway.url) as window:
        page = await window.new_page()
        await page.goto(f"{gateway.url}/boards/vision/")
        await expect(page.get_by_role("heading", level=1)).to_have_text("The board is paused")
        if access is Access.MEMBERS:
            await page.get_by_role("button", name="Start").click()
        else:  # nobody is asked who they are there
            await page.get_by_role("link", name="About this board").click()
            await page.get_by_role("button", name="Start").click()
        await eventually(lambda: state(gateway) is BoardState.RUNNING)


async def test_strangers_are_told_what_to_do_and_not_what_there_is(gateway: Site) -> None:
    await gateway.gateway.boards.set_entry(CHIEF, "vision", Entry(access=Access.MEMBERS))
    seen = []
    for name in ("vision", "nothing"):
        said = await send(f"{gateway.url}/boards/{name}/")
        text = said.text.replace(name, "NAME").partition("Request")[0]
        seen.append((said.status, text))
    assert seen[0] == seen[1]
    assert "Sign in" in seen[0][1]
    assert "this board" in seen[0][1]


async def test_an_open_board_says_that_it_was_stopped(gateway: Site, browser: Browser) -> None:
    page = await (await browser.new_context()).new_page()
    await get(f"{gateway.url}/boards/vision/data/runs")
    await page.goto(f"{gateway.url}/boards/vision/")
    await expect(page.locator("tb-webapp")).to_be_attached()
    await gateway.gateway.boards.pause(CHIEF, "vision")
    await eventually(lambda: state(gateway) is BoardState.PAUSED)
    await ask_for_data(page)
    bar = page.get_by_role("status").filter(has_text="was stopped by somebody")
    await expect(bar).to_be_visible()
    await expect(bar.get_by_role("link")).to_have_attribute("href", f"{gateway.url}/")
    await gateway.gateway.boards.start(CHIEF, "vision")
    await eventually(lambda: state(gateway) is BoardState.RUNNING)
    await ask_for_data(page)
    await expect(bar).to_have_count(0)
    await page.context.close()


async def ask_for_data(page: Page) -> None:
    """Do what TensorBoard does from time to time."""
    await page.evaluate("fetch('./data/runs').then(answer => answer.text())")
