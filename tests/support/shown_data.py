"""How much of something a page really shows: curves, pictures, sounds, rows, points.

Selectors look through shadow roots. What has no extent on the page does not count.
"""

import io
import re
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

Count = Callable[[Page], int]
"""Returns how many things a page shows now; 0 while it shows none."""

_COLOURED = 40
"""Channels that differ by so much make a colour: texts, axes and grids are grey."""
_ENOUGH = 200
"""So many coloured pixels are no axis mark and no trace of smoothing."""
_PATIENCE = 10_000  # milliseconds for one screenshot, which waits until the element stands still

_COUNT = """(elements, [width, height]) => {{
  const holds = {holds};
  const large = box => box.width >= width && box.height >= height;
  return elements.filter(element =>
    large(element.getBoundingClientRect()) && element.checkVisibility() && holds(element)).length;
}}"""
_LEADS_SOMEWHERE = "e => (e.getAttribute('d') ?? '').length > 12"
_DECODED = "e => e.complete && e.naturalWidth > 0 && e.naturalHeight > 0"
_PLAYABLE = "e => !e.error && e.readyState >= e.HAVE_METADATA && e.duration > 0"
_WORDS = "e => e.innerText.trim().length > 20"
_ANY = "e => true"
_FILLED = """e => Array.from(e.querySelectorAll("slot"))
  .flatMap(slot => slot.assignedElements())
  .filter(cell => cell.textContent.trim()).length > 2"""

_RENDERED = f"""canvases => {{
  const [width, height] = [200, 150];
  const coloured = canvas => {{
    const box = canvas.getBoundingClientRect();
    if (box.width < width || box.height < height || !canvas.checkVisibility()) return 0;
    const copy = new OffscreenCanvas(width, height).getContext("2d");
    copy.drawImage(canvas, 0, 0, width, height);
    const {{data}} = copy.getImageData(0, 0, width, height);
    const spread = at => Math.max(...data.slice(at, at + 3)) - Math.min(...data.slice(at, at + 3));
    return Array.from({{length: width * height}}, (_, pixel) => spread(4 * pixel))
      .filter(difference => difference > {_COLOURED}).length;
  }};
  const count = () => canvases.filter(canvas => coloured(canvas) >= {_ENOUGH}).length;
  return new Promise(resolve => requestAnimationFrame(() => resolve(count())));
}}"""


def curves(selector: str) -> Count:
    """Count SVG paths that lead somewhere."""
    return lambda page: _count(page, selector, 8, 2, _LEADS_SOMEWHERE)


def boxes(selector: str) -> Count:
    """Count elements that are large enough to be seen."""
    return lambda page: _count(page, selector, 8, 8, _ANY)


def pictures(selector: str) -> Count:
    """Count images that arrived and were decoded."""
    return lambda page: _count(page, selector, 8, 8, _DECODED)


def sounds(selector: str) -> Count:
    """Count audio elements whose length is known, so they can be played."""
    return lambda page: _count(page, selector, 8, 8, _PLAYABLE)


def texts(selector: str) -> Count:
    """Count elements with a sentence or more."""
    return lambda page: _count(page, selector, 8, 8, _WORDS)


def rows(selector: str) -> Count:
    """Count rows of a table whose cells were filled."""
    return lambda page: _count(page, selector, 8, 8, _FILLED)


def charts(selector: str) -> Count:
    """Return 1 once the first such element is seen to have colours, however it paints them."""
    return lambda page: int(_coloured(page.locator(selector).first))


def solids(selector: str) -> Count:
    """Count WebGL canvases with something coloured in them that are painted again and again.

    They are read within a frame, because such a page may never stand still for a screenshot.
    """
    return lambda page: int(page.locator(selector).evaluate_all(_RENDERED))


def points(page: Page) -> int:
    """Return how many points the projector says it shows, once it has drawn them."""
    for frame in page.frames:
        if "/projector_binary.html" in frame.url:
            labels = " ".join(frame.locator(".numDataPoints").all_inner_texts())
            number = int("0" + "".join(re.findall(r"\d+", labels)))
            drawn = number > 0 and _coloured(frame.locator("#scatter canvas").first)
            return number if drawn else 0
    return 0


def _count(page: Page, selector: str, width: int, height: int, holds: str) -> int:
    found: int = page.locator(selector).evaluate_all(_COUNT.format(holds=holds), [width, height])
    return found


def _coloured(element: Locator) -> bool:
    if element.count() == 0:
        return False
    with Image.open(io.BytesIO(element.screenshot(timeout=_PATIENCE))) as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=np.int16)
    return bool((np.ptp(pixels, axis=2) > _COLOURED).sum() >= _ENOUGH)
