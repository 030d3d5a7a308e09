"""What a browser's page loads cost: requests and time by Chromium, bytes by a meter."""

import time
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import BrowserContext, Page
from wire_meter import WireMeter

_QUIET = 2.0  # seconds without a request or a byte after which a page counts as loaded
_POINTS = "/data/plugin/"  # what a page asks for last; it computes for seconds before
_PATIENCE = 60.0


@dataclass
class Load:
    """Everything a page asked for; `bytes` are all that the server sent, headers included."""

    requests: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    bytes: int = 0
    first: float = 0.0
    last: float = 0.0

    @property
    def seconds(self) -> float:
        """From the first request to the end of the last answer, by the browser's own clock."""
        return self.last - self.first


def load(context: BrowserContext, meter: WireMeter, path: str = "/") -> Load:
    """Open a page anew, through the meter; return what it took until it came to rest."""
    page = context.new_page()
    before = meter.received
    try:
        seen = _watched(page)
        page.goto(meter.url + path, wait_until="commit")
        _wait_until_quiet(page, seen, meter)
        seen.bytes = meter.received - before
        return seen
    finally:
        page.close()


def _watched(page: Page) -> Load:
    """Return a load that fills itself with what the page does."""
    session = page.context.new_cdp_session(page)
    seen = Load()

    def asked(event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            seen.requests.append(event["request"]["url"])
            seen.first = seen.first or event["timestamp"]

    def finished(event: dict[str, Any]) -> None:
        seen.last = max(seen.last, event["timestamp"])

    def failed(event: dict[str, Any]) -> None:
        seen.failed.append(event["errorText"])

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", finished)
    session.on("Network.loadingFailed", failed)
    session.send("Network.enable")
    return seen


def _wait_until_quiet(page: Page, seen: Load, meter: WireMeter) -> None:
    deadline = time.monotonic() + _PATIENCE
    before, since = (0, 0), time.monotonic()
    while not any(_POINTS in url for url in seen.requests) or time.monotonic() - since < _QUIET:
        if time.monotonic() > deadline:
            raise AssertionError(f"the page never came to rest: {seen}")
        page.wait_for_timeout(100)
        now = (len(seen.requests), meter.received)
        if now != before:
            before, since = now, time.monotonic()
