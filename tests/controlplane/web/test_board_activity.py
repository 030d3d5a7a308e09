"""What the page of a board says of its resources and visitors, and the list of its memory."""

import os
import re
from dataclasses import replace
from typing import Any

import pytest
from board_records import ADA, BOB, NOW, board, keep

from tbgateway.domain.model import Anonymous, Board, Role, SignedIn, Visitor
from tbgateway.telemetry.resources import Resources

PATH = "/ui/boards/vision"


@pytest.fixture
async def vision(house: Any) -> Board:
    made = board(1, "vision")
    await keep(house, made)
    return made


async def page(ask: Any, identity: SignedIn = ADA) -> str:
    text: str = (await ask(PATH, identity=identity)).text
    return text


def visits_of(html: str) -> str:
    """Return what the page says of visits, without its markup."""
    found = re.search(r'<div data-live="visits">(.*?)</div>', html, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split())


async def test_who_looked_is_named_to_those_who_may_change_the_board(
    house: Any, ask: Any, vision: Board
) -> None:
    for identity in (BOB, Visitor(vision.id, "<b>guest</b>"), Anonymous()):
        house.means.visits.looked(vision, identity)

    said = visits_of(await page(ask))
    assert "bob · just now" in said
    assert "&lt;b&gt;guest&lt;/b&gt; with the password · just now" in said
    assert "Anyone · just now" in said

    assert visits_of(await page(ask, BOB)) == "3 visitors in 90 days, 3 visits."


@pytest.mark.usefixtures("vision")
async def test_a_board_that_nobody_opened_says_so(ask: Any) -> None:
    assert visits_of(await page(ask)) == "Nobody opened it in the last 90 days."


async def test_the_newest_are_named_and_all_are_counted(
    house: Any, ask: Any, vision: Board
) -> None:
    for number in range(12):
        house.means.visits.looked(vision, SignedIn(f"member-{number}", Role.VIEWER))
    html = await page(ask)
    assert len(re.findall(r"<bdi>member-\d+</bdi>", html)) == 10
    assert "12 visitors in 90 days, 12 visits." in visits_of(html)


async def test_charts_are_drawn_of_what_was_measured(house: Any, ask: Any, vision: Board) -> None:
    assert "It was asleep, or was not measured yet." in await page(ask)

    resources = Resources(lambda: {vision.id: {os.getpid()}}, clock=lambda: NOW)
    object.__setattr__(house.means, "resources", resources)
    await resources.sample()
    html = await page(ask)
    labels = re.findall(r'class="chart" role="img" aria-label="([^"]*)"', html)
    assert [label.partition(" over")[0] for label in labels] == ["CPU", "Memory"]
    assert re.search(r"now [\d.]+ %, peak [\d.]+ %$", labels[0])
    assert re.search(r"now [\d.]+ MB, peak [\d.]+ MB$", labels[1])


async def test_the_list_shows_the_memory_of_those_that_run(
    house: Any, ask: Any, vision: Board
) -> None:
    await keep(house, board(2, "audio"))
    resources = Resources(lambda: {vision.id: {os.getpid()}}, clock=lambda: NOW)
    object.__setattr__(house.means, "resources", resources)
    await resources.sample()

    html = (await ask("/", identity=replace(ADA, role=Role.ADMIN), query="sort=-memory")).text
    cells = re.findall(r'data-label="Memory" class="number"><div>(.*?)</div>', html)
    assert re.fullmatch(r"[\d.]+ MB <span[^>]*>[\d.]+ %</span>", cells[0])
    assert cells[1] == '<span class="quiet">–</span>'  # noqa: RUF001 - a dash, as the page has it
    assert html.index(">vision</a>") < html.index(">audio</a>")
