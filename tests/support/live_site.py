"""Browsers before a gateway inside the test's own process."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from gateway_in_process import ADMIN_PASSWORD, Launchers, started
from playwright.async_api import Browser, BrowserContext, Page, expect

from tbgateway.gateway import Gateway
from tbgateway.launchers.fake import FakeLauncher

PATIENCE = 30.0  # seconds; generous, because the machine may be busy
expect.set_options(timeout=PATIENCE * 1000)


class Site:
    """A gateway whose boards are fakes, at `url`, with the logdir `runs`."""

    def __init__(self, gateway: Gateway, launchers: Launchers, runs: Path) -> None:
        self.gateway = gateway
        self.url = gateway.url
        self.runs = runs
        self._launchers = launchers

    @property
    def launcher(self) -> FakeLauncher:
        return self._launchers.newest

    @property
    def listeners(self) -> int:
        """How many streams of news are open."""
        return len(self.gateway.observing.events.streams)

    async def until_heard(self, number: int = 1) -> None:
        """Wait until so many streams of news are open."""
        await eventually(lambda: self.listeners == number)


async def eventually(reached: Callable[[], bool]) -> None:
    """Wait until it is reached."""
    async with asyncio.timeout(PATIENCE):
        while not reached():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def site(home: Path | None = None, **options: object) -> AsyncIterator[Site]:
    """Run a gateway below `home` (a short path), or below a directory of its own."""
    launchers = Launchers()
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        place = home or Path(directory)
        runs = place / "runs"
        runs.mkdir(exist_ok=True)
        async with started(place, make_launcher=launchers, **options) as gateway:
            yield Site(gateway, launchers, runs)


@asynccontextmanager
async def signed_in(browser: Browser, url: str, **options: object) -> AsyncIterator[BrowserContext]:
    """Open a browser of its own in which the admin is signed in."""
    context = await browser.new_context(**options)  # type: ignore[arg-type] # given by name
    page = await context.new_page()
    await sign_in(page, url)
    await page.close()
    yield context
    await context.close()


async def sign_in(page: Page, url: str) -> None:
    """Sign in as the admin."""
    await page.goto(f"{url}/")
    await page.get_by_label("User name").fill("admin")
    await page.get_by_label("Password").fill(ADMIN_PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("link", name="Boards", exact=True)).to_be_visible()
