"""What axe-core finds wrong with a page, in each of its looks."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (360, 1280)
_SCRIPT = Axe().axe_script
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_EVERYTHING = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": _RULES}}
_COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
_OPTIONS = {"light": _EVERYTHING, "dark": _COLOURS}  # a scheme changes colours and nothing else


def violations(page: Page) -> list[str]:
    """Return what the page does wrong when it is light, dark, narrow and wide: where, and why."""
    page.evaluate(_SCRIPT)
    return [
        f"{scheme}, {width} px: {violation}"
        for scheme, width in looks(page)
        for violation in _found(page, _OPTIONS[scheme])
    ]


def looks(
    page: Page, schemes: Sequence[Scheme] = SCHEMES, widths: Sequence[int] = WIDTHS
) -> Iterator[tuple[Scheme, int]]:
    """Give the page one look after the other, without loading it anew.

    The window is so high that what sticks to its edges covers nothing.
    """
    for width, scheme in itertools.product(widths, schemes):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 6000})
        yield scheme, width


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("options => axe.run(document, options)", options)["violations"]
    return [f"{rule['id']}: {_where(node)}" for rule in found for node in rule["nodes"]]


def _where(node: dict[str, Any]) -> str:
    summary = " ".join(node["failureSummary"].split())
    return f"{node['target']} {node['html'][:200]} {summary[:300]}"
