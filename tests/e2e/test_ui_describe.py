"""Saying what an experiment is, in a browser: with a script and without one."""

import re
from collections.abc import AsyncIterator

import pytest
from browser import launched
from event_writer import write_scalars
from live_site import Site, signed_in, site
from playwright.async_api import Browser, expect

from tbgateway.domain.description import Edit
from tbgateway.domain.model import Experiment

pytestmark = pytest.mark.slow
NOTES = "\n\n  # First\n<b>second</b> & \ttabbed  \n\n"


@pytest.fixture
async def gateway() -> AsyncIterator[Site]:
    async with site() as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as one:
        yield one


@pytest.fixture
async def experiment(gateway: Site) -> Experiment:
    write_scalars(gateway.runs / "run", {"loss": [1.0, 0.5]})
    return await gateway.gateway.experiments.register(str(gateway.runs / "run"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_what_is_typed_is_kept_to_the_letter(
    gateway: Site, browser: Browser, experiment: Experiment, *, scripts: bool
) -> None:
    known = gateway.gateway.experiments
    async with signed_in(browser, gateway.url, java_script_enabled=scripts) as window:
        page = await window.new_page()
        await page.goto(f"{gateway.url}/ui/experiments/{experiment.id}")
        await page.get_by_role("link", name="Describe").click()
        await page.get_by_label("Parameters").fill("lr = 1e-3\nbatch")
        await page.get_by_label("Tags").fill("best so far, paper")
        await page.get_by_label("Notes").fill(NOTES)
        await page.get_by_role("button", name="Save").click()

        wrong = page.get_by_label("Parameters")
        await expect(wrong).to_have_accessible_description(
            re.compile("Line 2: 'batch' is not key = value.")
        )
        await wrong.fill("lr = 1e-3\nbatch = 32")
        await page.get_by_role("button", name="Save").click()

        await expect(page.get_by_text("Its description is changed.")).to_be_visible()
        said = known.description(experiment.id)
        assert (said.params, said.tags) == ({"lr": 1e-3, "batch": 32}, ("best so far", "paper"))
        assert said.notes == NOTES
        assert await page.locator("pre.notes").text_content() == NOTES

        await page.get_by_role("link", name="Describe").click()
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Its description is changed.")).to_be_visible()
        assert known.description(experiment.id) == said

        await page.get_by_role("link", name="best so far").click()
        await expect(page.get_by_role("searchbox")).to_have_value('tag:"best so far"')
        await expect(page.get_by_role("link", name="run", exact=True)).to_be_visible()


async def test_what_a_script_says_is_seen_while_its_page_is_open(
    gateway: Site, browser: Browser, experiment: Experiment
) -> None:
    known = gateway.gateway.experiments
    async with signed_in(browser, gateway.url) as window:
        page = await window.new_page()
        await page.goto(f"{gateway.url}/ui/experiments/{experiment.id}")
        await gateway.until_heard()
        await known.describe(experiment.id, Edit(params={"lr": 0.1}, add_tags=("new",)))
        await expect(page.get_by_role("row", name="lr 0.1")).to_be_visible()
        await expect(page.get_by_role("link", name="new", exact=True)).to_be_visible()

        await page.goto(f"{gateway.url}/ui/experiments?text=tag:later")
        await expect(page.get_by_text("No experiment matches.")).to_be_visible()
        await gateway.until_heard()
        await known.describe(experiment.id, Edit(add_tags=("later",)))
        await expect(page.get_by_role("link", name="run", exact=True)).to_be_visible()

        await page.get_by_role("searchbox").fill("tag:later lr<")
        await expect(page.get_by_text("After “lr<” comes a value.")).to_be_visible()
        await expect(page.get_by_role("link", name="run", exact=True)).to_be_visible()
        await page.get_by_role("searchbox").fill("tag:later lr<0.05")
        await expect(page.get_by_text("No experiment matches.")).to_be_visible()
        await expect(page.get_by_text("comes a value")).to_be_hidden()
