"""People before a page: with a mouse, without JavaScript, with nothing but a keyboard."""

import re
from collections.abc import Callable
from typing import Literal

from playwright.sync_api import Locator, Page, expect
from running_gateway import PATIENCE, eventually

_PATIENCE = PATIENCE * 1000  # milliseconds
_MOST_STOPS = 400
_FOCUS = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const style = getComputedStyle(one);
    const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return visible ? "" : one.outerHTML.slice(0, 200);
}"""
_BEFORE = """target => {
    const here = document.activeElement;
    return !!(here.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING);
}"""


class Hands:
    """Somebody with a mouse, who never loads a page again to see what is new on it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go(self, url: str) -> None:
        """Type an address."""
        self.page.goto(url)

    def follow(self, name: str) -> None:
        """Use a link."""
        self.activate(self.page.get_by_role("link", name=name, exact=True).first)

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button; `within` tells it from others of its name."""
        place = self.page.locator("main") if within is None else within
        self.activate(place.get_by_role("button", name=name, exact=True).first)

    def write(self, label: str, text: str, *, within: Locator | None = None) -> None:
        """Fill in a field."""
        self.fill((within or self.page).get_by_label(label, exact=True), text)

    def tick(self, label: str) -> None:
        """Tick a box."""
        self.check(self.page.get_by_role("checkbox", name=label, exact=True))

    def choose(self, label: str, *, within: Locator | None = None) -> None:
        """Choose one of several."""
        self.select((within or self.page).get_by_role("radio", name=re.compile(f"^{label}")))

    def activate(self, target: Locator) -> None:
        target.click()

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def check(self, box: Locator) -> None:
        box.check()

    def select(self, radio: Locator) -> None:
        radio.check()

    def sees(self, what: Locator) -> None:
        """Wait until it is there."""
        expect(what.first).to_be_visible(timeout=_PATIENCE)

    def misses(self, what: Locator) -> None:
        """Wait until it is gone."""
        expect(what).to_have_count(0, timeout=_PATIENCE)


class Reloading(Hands):
    """Somebody without JavaScript, who loads the page again to see what is new."""

    def sees(self, what: Locator) -> None:
        self._reload_until(lambda: what.count() > 0, f"there: {what}")
        super().sees(what)

    def misses(self, what: Locator) -> None:
        self._reload_until(lambda: what.count() == 0, f"gone: {what}")

    def _reload_until(self, reached: Callable[[], bool], what: str) -> None:
        def look() -> bool:
            if reached():
                return True
            self.page.reload()
            return reached()

        eventually(look, what=what, every=0.5)


class Keyboard(Hands):
    """Somebody with a keyboard alone, who has to see at each stop where they are."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.unseen: list[str] = []
        """The stops at which nothing showed where the focus is."""

    def activate(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def fill(self, field: Locator, text: str) -> None:
        self._reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        expect(field).to_have_value(text)

    def check(self, box: Locator) -> None:
        self._reach(box)
        self.page.keyboard.press("Space")
        expect(box).to_be_checked()

    def select(self, radio: Locator) -> None:
        """Reach the group, of which one is a stop, and go through it."""
        name = radio.get_attribute("name")
        group = self.page.locator(f'[name="{name}"]')
        if not radio.is_checked():
            self._reach(group.and_(self.page.locator(":checked")))
        for _ in range(group.count()):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        expect(radio).to_be_checked()

    def _reach(self, target: Locator) -> None:
        target.wait_for(timeout=_PATIENCE)
        key: Literal["Tab", "Shift+Tab"] = "Shift+Tab" if target.evaluate(_BEFORE) else "Tab"
        for _ in range(_MOST_STOPS):
            if target.evaluate("target => target === document.activeElement"):
                return
            self.page.keyboard.press(key)
            unseen = self.page.evaluate(_FOCUS)
            if unseen:
                self.unseen.append(unseen)
        raise AssertionError(f"{key} never comes to {target}")
