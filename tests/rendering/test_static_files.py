import re
import struct

import pytest

from tbgateway.rendering.static_files import STATIC_FILES

CSS = STATIC_FILES["gateway.css"].content.decode()
_LIGHT, _, _DARK = CSS.partition("@media (prefers-color-scheme: dark)")
_TEXT_COLOURS = ("ink", "quiet", "accent", "busy", "bad")
_GROUNDS = ("page", "card", "code", "tint")
_PAIRS = [
    *((colour, ground, 4.5) for colour in _TEXT_COLOURS for ground in _GROUNDS),
    ("on-accent", "accent", 4.5),
    *((line, ground, 3.0) for line in ("edge", "accent", "bad") for ground in _GROUNDS),
]


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block.partition("* {")[0]))


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [_LIGHT, _DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("colour", "ground", "least"), _PAIRS)
def test_text_and_controls_stand_out_as_wcag_2_2_aa_asks(
    scheme: str, colour: str, ground: str, least: float
) -> None:
    colours = _colours(scheme)
    dark, light = sorted((_luminance(colours[ground]), _luminance(colours[colour])))

    assert (light + 0.05) / (dark + 0.05) >= least


def test_both_schemes_have_the_same_colours() -> None:
    assert _colours(_LIGHT).keys() == _colours(_DARK).keys()


def test_the_stylesheet_stays_small_and_fetches_nothing() -> None:
    assert len(CSS.splitlines()) <= 300
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_stylesheet_and_scripts_are_a_small_load() -> None:
    load = [file.content for name, file in STATIC_FILES.items() if name.endswith((".css", ".js"))]

    assert sum(map(len, load)) <= 40_000


def test_the_scripts_stay_few_and_stand_alone() -> None:
    scripts = [file.content.decode() for name, file in STATIC_FILES.items() if name.endswith(".js")]

    assert sum(len(script.splitlines()) for script in scripts) <= 250
    assert all(len(line) <= 100 for script in scripts for line in script.splitlines())
    for script in scripts:
        assert not re.search(r"\bimport\b|importScripts", script), "it would lack a fingerprint"
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\beval\b|https?:", script)


def test_only_variables_that_exist_are_used() -> None:
    assert set(re.findall(r"var\(--([\w-]+)\)", CSS)) <= set(re.findall(r"--([\w-]+):", CSS))


def test_nothing_moves_for_people_who_asked_for_less_motion() -> None:
    moving = CSS.partition("@media (prefers-reduced-motion: no-preference)")[0]

    assert not re.search(r"animation|transition|@keyframes", moving)


def test_every_colour_is_a_variable() -> None:
    rules = CSS[CSS.index("* {") :]

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgb", rules) == []


def test_the_mark_is_an_image_without_styles_or_scripts() -> None:
    svg = STATIC_FILES["favicon.svg"].content.decode()

    assert svg.startswith("<svg xmlns=")
    assert not re.search(r"<style|<script|style=|href", svg)


def test_the_icon_for_old_browsers_holds_one_image() -> None:
    content = STATIC_FILES["favicon.ico"].content
    kind, images = struct.unpack_from("<HH", content, 2)
    length, offset = struct.unpack_from("<II", content, 14)

    assert (kind, images) == (1, 1)
    assert content[offset : offset + 8] == b"\x89PNG\r\n\x1a\n"
    assert offset + length == len(content)


def test_a_fingerprint_tells_one_content_from_another() -> None:
    assert len({file.fingerprint for file in STATIC_FILES.values()}) == len(STATIC_FILES)
    assert all(file.etag == f'"{file.fingerprint}"' for file in STATIC_FILES.values())
