"""Members sign in and out with a real browser, wherever the gateway is found."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from browser import chromium, sign_in
from certificate import self_signed
from nginx_process import NginxInFront, at_the_root, shipped_site
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running_gateway import ADMIN_PASSWORD, RunningGateway

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

BOARD = ("alice", "only-for-this-board")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(ignore_https_errors=True)
    yield context
    context.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "runs"
    root.mkdir()
    return root


@pytest.fixture(params=["direct", "prefix", "prefix and TLS", "TLS at the root"])
def url(
    request: pytest.FixtureRequest,
    start_gateway: Callable[..., RunningGateway],
    root: Path,
    tmp_path: Path,
) -> Iterator[str]:
    """Yield the URL under which people find a gateway."""
    if request.param == "direct":
        yield start_gateway(root).url
        return
    certificate = self_signed(tmp_path / "tls") if "TLS" in request.param else None
    at_root = "root" in request.param
    with NginxInFront(tmp_path / "nginx", certificate) as nginx:
        url = nginx.origin if at_root else nginx.url
        gateway = start_gateway(root, flags=[f"--public-url={url}"])
        site = at_the_root(shipped_site()) if at_root else None
        nginx.start(upstream=f"127.0.0.1:{gateway.port}", site=site)
        yield url


def is_signed_in(page: Page, url: str) -> bool:
    page.goto(f"{url}/")
    return "/ui/sign-in" not in page.url


def sign_out(page: Page, url: str) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{url}/ui/sign-in")


def with_password(url: str, name: str, password: str) -> str:
    """Put a name and a password into an address, as if a person typed them into the dialog."""
    return url.replace("://", f"://{name}:{password}@")


def test_a_member_signs_in_goes_where_she_wanted_to_and_signs_out(
    url: str, context: BrowserContext
) -> None:
    page = context.new_page()

    page.goto(f"{url}/?q=resnet")
    assert page.url == f"{url}/ui/sign-in?next=%2F%3Fq%3Dresnet"
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill("not-the-password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not fit")
    expect(page.get_by_label("User name")).to_have_value("admin")
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill(ADMIN_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/?q=resnet")
    expect(page.get_by_role("link", name="admin")).to_be_visible()

    (cookie,) = (one for one in context.cookies() if one["value"].startswith("tbs_"))
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert cookie["secure"] == url.startswith("https:")
    assert f"{page.url.partition('?')[0]}".endswith(cookie["path"])
    assert page.evaluate("document.cookie") == ""

    sign_out(page, url)
    assert not is_signed_in(page, url)
    page.go_back()
    page.reload()
    assert "/ui/sign-in" in page.url
    sign_in(page, url, "admin", ADMIN_PASSWORD)
    assert is_signed_in(page, url)


def test_signing_out_works_in_a_browser_that_repeats_a_password(
    start_gateway: Callable[..., RunningGateway], root: Path, context: BrowserContext
) -> None:
    gateway = start_gateway(root)
    url = gateway.url
    gateway.cli(
        *("board", "create", "vision", "--username", BOARD[0], "--password-stdin"),
        stdin=BOARD[1],
    )
    page = context.new_page()
    page.goto(with_password(f"{url}/metrics", "admin", ADMIN_PASSWORD))
    assert is_signed_in(page, url), "the browser repeats the password for all addresses beside it"

    sign_out(page, url)

    assert not is_signed_in(page, url)
    assert not is_signed_in(page, url), "still not"
    assert page.evaluate("fetch('../api/v1/boards').then(answer => answer.status)") == 401
    assert page.goto(f"{url}/metrics").status == 401  # type: ignore[union-attr] # it answers
    icon = f"{url}/boards/vision/icon_bundle.svg"
    assert page.goto(with_password(icon, *BOARD)).status == 200  # type: ignore[union-attr] # the same

    sign_in(page, url, "admin", ADMIN_PASSWORD)
    assert is_signed_in(page, url)


def test_who_cancels_a_boards_dialog_finds_the_way_in_and_gets_to_the_board(
    start_gateway: Callable[..., RunningGateway], root: Path, context: BrowserContext
) -> None:
    gateway = start_gateway(root)
    gateway.cli(
        *("board", "create", "vision", "--username", BOARD[0], "--password-stdin"),
        stdin=BOARD[1],
    )
    board = f"{gateway.url}/boards/vision/?view=x"
    # A browser without a head has no dialog that could be cancelled.
    refused = gateway.get("/boards/vision/?view=x", headers={"Accept": "text/html"})
    link = re.search(r'href="([^"]*sign-in[^"]*)"', refused.body.decode())
    assert refused.status == 401
    assert link
    page = context.new_page()

    page.goto(urljoin(board, link[1]))
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(ADMIN_PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.wait_for_url(f"{board}**")
    expect(page.locator("tb-webapp")).to_be_attached(timeout=60_000)


def test_it_all_works_without_javascript(
    start_gateway: Callable[..., RunningGateway], root: Path, browser: Browser
) -> None:
    url = start_gateway(root).url
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    sign_in(page, url, "admin", ADMIN_PASSWORD)
    sign_out(page, url)

    assert not is_signed_in(page, url)
    context.close()


def test_two_gateways_on_one_host_know_their_own_members(
    start_gateway: Callable[..., RunningGateway], root: Path, context: BrowserContext
) -> None:
    first, second = (start_gateway(root, home=home).url for home in ("first", "second"))
    page = context.new_page()

    sign_in(page, first, "admin", ADMIN_PASSWORD)
    assert not is_signed_in(page, second)
    sign_in(page, second, "admin", ADMIN_PASSWORD)
    assert is_signed_in(page, first)
    sign_out(page, first)

    assert not is_signed_in(page, first)
    assert is_signed_in(page, second)


FORGED = """<form id="f" method="post" action="{url}/ui/sign-out" enctype="{kind}"></form>
<script>document.getElementById("f").submit()</script>"""


@pytest.mark.parametrize("origin", ["http://evil.test", "http://127.0.0.1:9"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_foreign_page_cannot_sign_anybody_out(
    start_gateway: Callable[..., RunningGateway],
    root: Path,
    context: BrowserContext,
    origin: str,
    kind: str,
) -> None:
    """One page is of another site; the other is of the same host, at another port."""
    url = start_gateway(root).url
    page = context.new_page()
    sign_in(page, url, "admin", ADMIN_PASSWORD)
    forged = FORGED.format(url=url, kind=kind)
    context.route(
        f"{origin}/**", lambda route: route.fulfill(body=forged, content_type="text/html")
    )

    with page.expect_response(f"{url}/ui/sign-out") as answered:
        page.goto(f"{origin}/")

    assert answered.value.status == 403
    assert is_signed_in(page, url)


def test_a_changed_password_ends_other_browsers_sessions(
    start_gateway: Callable[..., RunningGateway], root: Path, context: BrowserContext
) -> None:
    gateway = start_gateway(root)
    page = context.new_page()
    sign_in(page, gateway.url, "admin", ADMIN_PASSWORD)

    gateway.cli("member", "set-password", "admin", "--password-stdin", stdin="another-password-1")

    assert not is_signed_in(page, gateway.url)
    sign_in(page, gateway.url, "admin", "another-password-1")
    entries = [json.loads(line) for line in gateway.log.read_text().splitlines() if line[:1] == "{"]
    came = [one["client"] for one in entries if one["event"] == "signed in"]
    assert came == ["127.0.0.1", "127.0.0.1"]
    assert "another-password-1" not in gateway.log.read_text()
    assert "tbs_" not in gateway.log.read_text()
