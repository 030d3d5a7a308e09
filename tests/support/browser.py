"""Debian's Chromium, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from playwright import async_api
from playwright.sync_api import Browser, Page, Response, sync_playwright

_FLAGS = (
    "--no-sandbox",  # the tests may run as root, where Chromium refuses its sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium; skip the test where there is none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_executable(), args=[*_FLAGS])
        try:
            yield browser
        finally:
            browser.close()


@asynccontextmanager
async def launched(*flags: str) -> AsyncIterator[async_api.Browser]:
    """Start one for a test that is asynchronous itself."""
    async with async_api.async_playwright() as playwright:
        args = [*_FLAGS, *flags]
        browser = await playwright.chromium.launch(executable_path=_executable(), args=args)
        try:
            yield browser
        finally:
            await browser.close()


def _executable() -> str:
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("chromium is not installed")
    return executable


def sign_in(page: Page, url: str, name: str, password: str, *, path: str = "/") -> None:
    """Open `path` of the gateway at `url` as a member, by the form that everybody uses."""
    page.goto(f"{url}{path}")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{url}{path}")


def watch(page: Page) -> list[str]:
    """Return a list that will hold every failed request and answer from 400 up."""
    failures: list[str] = []

    def on_response(response: Response) -> None:
        if response.status >= 400:
            failures.append(f"{response.status} {response.url}")

    page.on("response", on_response)
    page.on("pageerror", lambda error: failures.append(f"page error: {error}"))
    return failures
