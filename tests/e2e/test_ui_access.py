"""Every page for everybody: what axe-core finds, and a whole story with a keyboard alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe import violations
from browser import chromium, sign_in
from crawl import Crawl
from hands import Keyboard
from page_watch import PageWatch
from playwright.sync_api import Browser, Page
from running_gateway import ADMIN_PASSWORD, PATIENCE, Answer, RunningGateway, eventually
from settled_gateway import BIG, PAUSED, SHOWN, VIEWER, settled
from ui_story import UiStory, write_500_experiments

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with settled(tmp_path_factory.mktemp("access")) as gateway:
        yield gateway


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE * 1000)
    yield context.new_page()
    context.close()


def look_at_all(page: Page, crawl: Crawl) -> dict[str, list[str]]:
    """Return what is wrong with each page of a crawl."""
    found = {path: violations(page) for path in crawl}
    return {path: wrong for path, wrong in found.items() if wrong}


def keep(page: Page, url: str, answer: Answer) -> None:
    """Have the browser get this answer again and again, without a dialog for a password."""
    headers = {name: one for name, one in answer.headers.items() if name != "WWW-Authenticate"}
    page.route(
        url,
        lambda route: route.fulfill(status=answer.status, headers=headers, body=answer.body),
    )


def test_axe_finds_nothing_on_any_page_that_admins_see(page: Page, gateway: RunningGateway) -> None:
    sign_in(page, gateway.url, "admin", ADMIN_PASSWORD)
    waiting = gateway.admin(f"/boards/{BIG}/", headers=HTML)
    assert f"{BIG} is starting" in waiting.body.decode()
    keep(page, f"{gateway.url}/boards/{BIG}/", waiting)
    experiment = gateway.admin("/api/v1/experiments").json()["items"][0]["id"]
    crawl = Crawl(page, gateway.url)
    crawl.also_every_route(board=SHOWN, experiment=experiment)
    crawl.also("/?text=named-like-nothing", "/ui/experiments?text=named-like-nothing")
    crawl.also("/ui/nowhere", f"/boards/{BIG}/", f"/boards/{PAUSED}/", "/boards/nowhere/")
    assert look_at_all(page, crawl) == {}
    assert crawl.unseen() == set()


def test_axe_finds_nothing_on_any_page_that_viewers_see(
    page: Page, gateway: RunningGateway
) -> None:
    sign_in(page, gateway.url, *VIEWER)
    crawl = Crawl(page, gateway.url)
    crawl.also_every_route()
    crawl.also(f"/boards/{PAUSED}/")
    assert look_at_all(page, crawl) == {}


def test_axe_finds_nothing_on_any_page_that_strangers_see(
    page: Page, gateway: RunningGateway
) -> None:
    crawl = Crawl(page, gateway.url)
    crawl.also_every_route(board=SHOWN)
    keep(page, f"{gateway.url}/boards/nowhere/", gateway.get("/boards/nowhere/", headers=HTML))
    crawl.also("/boards/nowhere/", "/ui/sign-in?next=/ui/account")
    wrong = look_at_all(page, crawl)
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("not-the-password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    wrong["refused"] = violations(page)
    assert {path: found for path, found in wrong.items() if found} == {}


def make_token(page: Page) -> None:
    page.get_by_label("Label").fill("for a script")
    page.get_by_label("Your current password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Make a token").click()


def choose_a_wrong_password(page: Page) -> None:
    for label in ("Current password", "New password", "New password again"):
        page.get_by_label(label, exact=True).fill("not the one")
    page.get_by_role("button", name="Set password").click()


def generate_a_board_password(page: Page) -> None:
    place = page.get_by_role("region", name="Who may look")
    place.get_by_label("Generate a password for me").check()
    place.get_by_role("button", name="Change").click()


def rename_wrongly(page: Page) -> None:
    name = page.get_by_role("region", name="Rename").get_by_label("Name")
    name.fill("Not A Name")
    # At once: the page keeps itself as the gateway made it, with the browser's own check.
    name.evaluate("({form}) => { form.noValidate = true; form.requestSubmit(); }")


def select_all_and_press(label: str) -> Callable[[Page], None]:
    def do(page: Page) -> None:
        page.get_by_label("Select all on this page").check()
        page.locator(".selection").get_by_role("button", name=label, exact=True).click()

    return do


def paste_what_nobody_knows(page: Page) -> None:
    page.get_by_text("Paste a list", exact=True).click()
    page.get_by_label("Names, ids or paths").fill("nobody-knows-this")
    page.get_by_role("button", name="Select these").click()


ANSWERS: dict[str, tuple[str, Callable[[Page], None]]] = {
    "a new token": ("/ui/account", make_token),
    "a refused password": ("/ui/account", choose_a_wrong_password),
    "a generated password": (f"/ui/boards/{SHOWN}", generate_a_board_password),
    "a refused name": (f"/ui/boards/{SHOWN}", rename_wrongly),
    "boards to be deleted": ("/", select_all_and_press("Delete")),
    "experiments to be failed": ("/ui/experiments", select_all_and_press("Fail")),
    "experiments to be deleted": ("/ui/experiments", select_all_and_press("Delete")),
    "a board of a selection": ("/ui/experiments", select_all_and_press("Make a board of these")),
    "a list with unknown names": ("/ui/new-board", paste_what_nobody_knows),
}


def test_axe_finds_nothing_in_the_answers_to_forms(page: Page, gateway: RunningGateway) -> None:
    sign_in(page, gateway.url, "admin", ADMIN_PASSWORD)
    wrong = {}
    for name, (path, do) in ANSWERS.items():
        page.goto(gateway.url + path)
        with page.expect_navigation():
            do(page)
        wrong[name] = violations(page)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_whole_story_with_a_keyboard_alone(
    page: Page, start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    write_500_experiments(tmp_path / "runs")
    gateway = start_gateway(tmp_path / "runs")
    watched = PageWatch(page.context)
    hands = Keyboard(page)
    UiStory(hands, gateway).tell()
    assert hands.unseen == []
    assert watched.faults == []


def test_the_page_of_a_failed_board_is_as_good(
    page: Page, start_gateway: Callable[..., RunningGateway], tmp_path: Path
) -> None:
    (tmp_path / "runs").mkdir()
    hurry = {"LAUNCHER": "exec", "START_TIMEOUT": "0.1"}  # it takes seconds
    environment = {f"TBGATEWAY_BOARDS__{name}": value for name, value in hurry.items()}
    gateway = start_gateway(tmp_path / "runs", environment=environment)
    gateway.cli("board", "create", "hasty", "--access", "members")
    gateway.cli("board", "start", "hasty", status=None)
    eventually(lambda: state_of(gateway, "hasty") == "failed", what="it is failed")
    sign_in(page, gateway.url, "admin", ADMIN_PASSWORD)
    for path in ("/", "/ui/boards/hasty", "/boards/hasty/"):
        page.goto(gateway.url + path)
        page.locator(".state.failed").first.wait_for()
        assert violations(page) == []


def state_of(gateway: RunningGateway, board: str) -> str:
    return str(gateway.admin(f"/api/v1/boards/{board}").json()["state"])
