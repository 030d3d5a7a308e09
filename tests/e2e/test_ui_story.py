"""Boards made, watched, changed and deleted by mouse; with JavaScript, and without any."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import chromium, sign_in
from hands import Hands, Reloading
from page_watch import PageWatch
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running_gateway import ADMIN_PASSWORD, PATIENCE, RunningGateway
from ui_story import CHOSEN, UiStory, board_row, membership, until_listed, write_500_experiments

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def gateway(start_gateway: Callable[..., RunningGateway], tmp_path: Path) -> RunningGateway:
    write_500_experiments(tmp_path / "runs")
    return start_gateway(tmp_path / "runs")


def person(browser: Browser, **options: bool) -> tuple[BrowserContext, PageWatch]:
    context = browser.new_context(**options)  # type: ignore[arg-type] # given by name
    context.set_default_timeout(PATIENCE * 1000)
    return context, PageWatch(context)


def see_in_tensorboard(page: Page, url: str) -> None:
    """Use the link Open of a board's page, see its runs, and come back."""
    page.locator("main").get_by_role("link", name="Open", exact=True).click()
    page.wait_for_url("**/boards/vision/**")
    until_listed(page, set(CHOSEN))
    page.goto(url)


def test_a_board_from_its_making_to_its_end_while_another_browser_watches(
    browser: Browser, gateway: RunningGateway
) -> None:
    context, watched = person(browser)
    story = UiStory(Hands(context.new_page()), gateway)
    story.sign_in()
    other, watched_there = person(browser)
    boards, board = other.new_page(), other.new_page()
    sign_in(boards, gateway.url, "admin", ADMIN_PASSWORD)
    there = Hands(boards)

    story.make_the_board()
    there.sees(board_row(boards, "vision", "Running", "3 adding"))
    board.goto(f"{gateway.url}/ui/boards/vision")
    story.complete_an_experiment()
    there.sees(board_row(boards, "vision", "2 adding"))
    Hands(board).sees(membership(board, CHOSEN[0], "Added"))
    see_in_tensorboard(story.page, f"{gateway.url}/ui/boards/vision")
    story.remove_one_and_take_it_back()
    Hands(board).sees(membership(board, CHOSEN[1], "visible"))
    story.rename()
    there.sees(board_row(boards, "computer-vision"))
    Hands(board).sees(board.get_by_role("heading", name="computer-vision", level=1))
    story.change_the_password()
    story.delete()
    there.sees(boards.get_by_text("No board yet."))
    Hands(board).sees(board.get_by_role("alert").get_by_role("link", name="All boards"))

    assert watched.faults == []
    gone = f"answered 404: GET {gateway.url}/ui/boards/computer-vision"
    assert [one for one in watched_there.faults if "console error" not in one] == [gone]
    for one in (context, other):
        one.close()


def test_the_same_without_javascript(browser: Browser, gateway: RunningGateway) -> None:
    context, watched = person(browser, java_script_enabled=False)
    story = UiStory(Reloading(context.new_page()), gateway)
    story.tell()
    assert watched.faults == []
    context.close()


def test_ten_tabs_of_ours_leave_room_for_a_board(browser: Browser, gateway: RunningGateway) -> None:
    """Browsers open six connections to a host, and each tab hears news."""
    names = [word for name in CHOSEN for word in ("-e", name)]
    gateway.cli("board", "create", "vision", "--access", "members", *names, "--wait")
    context, watched = person(browser)
    first = context.new_page()
    sign_in(first, gateway.url, "admin", ADMIN_PASSWORD)
    paths = ("/", "/ui/boards/vision", "/ui/experiments", "/", "/ui/boards/vision")
    tabs = [first, *(context.new_page() for _ in range(9))]
    for tab, path in zip(tabs, paths * 2, strict=True):
        tab.goto(f"{gateway.url}{path}")

    eleventh = context.new_page()
    eleventh.goto(f"{gateway.url}/boards/vision/")
    until_listed(eleventh, set(CHOSEN))
    gateway.cli("experiment", "complete", CHOSEN[0])
    for tab in (tab for tab in tabs if tab.url.endswith("/vision")):
        Hands(tab).sees(membership(tab, CHOSEN[0], "Added"))
    gateway.cli("board", "stop", "vision")
    for tab in (tab for tab in tabs if tab.url.endswith(f"{gateway.port}/")):
        Hands(tab).sees(board_row(tab, "vision", "Paused"))
    expect(eleventh.locator("body")).to_be_visible()

    assert [one for one in watched.faults if "/boards/vision/" not in one] == []
    context.close()
