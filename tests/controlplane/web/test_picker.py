"""Choosing some of many experiments, without a script."""

import re
from pathlib import Path
from typing import Any

import pytest
from board_records import (
    ADA,
    NOW,
    board,
    description,
    experiment,
    keep,
    membership,
    shown_on,
)
from experiment_site import EVENTS, write
from page_forms import PageForm, followed, form_to

from tbgateway.domain.model import Board, ExperimentState

PATH = "/ui/boards/vision/add"


@pytest.fixture
async def vision(house: Any) -> Board:
    """A board of one experiment, of 120 that there are, the newest first."""
    made = board(1, "vision")
    runs = [
        experiment(
            number,
            f"run-{number:03}",
            last_event_at=NOW - number,
            state=ExperimentState.FAILED if number % 10 == 0 else ExperimentState.COMPLETED,
        )
        for number in range(120)
    ]
    await keep(house, made, *runs, membership(made, runs[0]))
    return made


@pytest.fixture
async def first(ask: Any, vision: Board) -> PageForm:
    """The form as it is at first."""
    html = (await ask(PATH, identity=ADA)).text
    assert rows(html)[0] == "run-000"
    assert vision.name == "vision"
    return form_to(html, "/add")


def ids(*numbers: int) -> list[str]:
    return [experiment(number, "").id for number in numbers]


def rows(html: str) -> list[str]:
    return re.findall(r'class="lead">(?:<label[^>]*>)?<bdi>(.*?)</bdi>', html)


def chips(html: str) -> list[str]:
    return re.findall(r"<li><bdi>(.*?)</bdi><button", html)


async def step(ask: Any, form: Any) -> str:
    response = await ask(PATH, identity=ADA, form=form)
    assert response.status == 200
    text: str = response.text
    return text


async def test_fifty_are_shown_at_a_time_and_ticks_survive_turning_pages(
    house: Any, ask: Any, vision: Board, first: PageForm
) -> None:
    second = await step(ask, first.press("page", "2", experiment=ids(1, 2)))
    assert rows(second) == [f"run-{number:03}" for number in range(50, 100)]
    assert chips(second) == ["run-001", "run-002"]

    third = await step(ask, form_to(second, "/add").press("page", "3", experiment=ids(60)))
    assert rows(third) == [f"run-{number:03}" for number in range(100, 120)]
    assert ("page", "4") not in form_to(third, "/add").buttons

    response = await ask(PATH, identity=ADA, form=form_to(third, "/add").press("step", "done"))
    after = await followed(ask, PATH, response, ADA)
    assert shown_on(house, vision) == {"run-000", "run-001", "run-002", "run-060"}
    assert "3 experiments are added." in after


async def test_a_tick_that_is_taken_away_counts_as_well(ask: Any, first: PageForm) -> None:
    chosen = form_to(await step(ask, first.press("page", "2", experiment=ids(1, 2))), "/add")
    back = form_to(await step(ask, chosen.press("page", "1")), "/add")
    assert back.fields["experiment"] == ids(1, 2)

    html = await step(ask, back.press("page", "2", experiment=ids(2)))

    assert chips(html) == ["run-002"]


async def test_what_is_on_the_board_already_cannot_be_chosen(ask: Any, first: PageForm) -> None:
    every = await step(ask, first.press("step", "all"))

    assert "119 experiments are selected." in every
    assert f'value="{ids(0)[0]}"' not in every
    assert "on the board already" in every
    assert ("step", "all") not in form_to(every, "/add").buttons, "nothing is left to select"


async def test_a_search_finds_by_name_and_state_and_all_matches_are_selected_at_once(
    house: Any, ask: Any, vision: Board, first: PageForm
) -> None:
    found = await step(ask, first.press("step", "search", text="RUN-1", state="failed"))
    assert rows(found) == ["run-100", "run-110"]
    assert "Select all 2 matches" in found

    typed_on = form_to(found, "/add").press("step", "all", text="something else by now")
    selected = await step(ask, typed_on)
    assert chips(selected) == ["run-100", "run-110"], "those that were counted on the button"

    other = await step(ask, form_to(selected, "/add").press("step", "search", text="007", state=""))
    assert rows(other) == ["run-007"]
    await ask(PATH, identity=ADA, form=form_to(other, "/add").press("step", "done"))
    assert shown_on(house, vision) == {"run-000", "run-100", "run-110"}


async def test_the_enter_key_searches_and_loses_nothing(first: PageForm) -> None:
    assert first.buttons[0] == ("step", "search"), "the first button is the one that Enter presses"


async def test_what_is_chosen_can_be_given_up_one_by_one_or_altogether(
    ask: Any, first: PageForm
) -> None:
    chosen = await step(ask, first.press("page", "2", experiment=ids(1, 2, 3)))

    without = await step(ask, form_to(chosen, "/add").press("drop", ids(2)[0]))
    assert chips(without) == ["run-001", "run-003"]
    assert rows(without)[0] == "run-050", "the page stays"

    none = await step(ask, form_to(without, "/add").press("step", "clear"))
    assert chips(none) == []


async def test_what_is_chosen_can_be_looked_through(ask: Any, first: PageForm) -> None:
    every = form_to(await step(ask, first.press("step", "all")), "/add")

    only = await step(ask, every.press("step", "search", text="-05", state="chosen"))

    assert rows(only) == [f"run-{number:03}" for number in range(50, 60)]
    assert "and 59 more" in only


async def test_a_pasted_list_is_taken_and_what_it_does_not_name_is_told_one_by_one(
    house: Any, ask: Any, first: PageForm, tmp_path: Path
) -> None:
    write(tmp_path / "runs" / "new" / EVENTS, 10, NOW)
    await keep(house, experiment(200, "with, a comma"))
    path = f"{tmp_path}/runs/new"
    pasted = (
        f"run-001, run-002\r\n\r\nwith, a comma\n{ids(3)[0]}\n/runs/run-004\n{path}\nrun-000\n"
        "  missing-one , <b>two</b>\n/etc\n"
    )

    html = await step(ask, first.press("step", "list", pasted=pasted))

    assert chips(html) == ["run-001", "run-002", "with, a comma", "run-003", "run-004", "new"]
    assert form_to(html, "/add").fields["pasted"] == ["missing-one\n<b>two</b>\n/etc"]
    told = re.findall(r"<li><code><bdi>(.*?)</bdi></code> <bdi>(.*?)</bdi>", html)
    assert [text for text, _ in told] == ["missing-one", "&lt;b&gt;two&lt;/b&gt;", "/etc"]
    assert all(why for _, why in told)
    assert "outside of the logdir roots" in told[2][1]


async def test_adding_nothing_is_refused_and_what_was_typed_stays(
    ask: Any, first: PageForm
) -> None:
    found = form_to(await step(ask, first.press("step", "search", text="run-10")), "/add")

    response = await ask(PATH, identity=ADA, form=found.press("step", "done"))

    assert response.status == 422
    assert "No experiment was selected" in response.text
    assert form_to(response.text, "/add").fields["text"] == ["run-10"]


async def test_of_what_is_forgotten_meanwhile_somebody_hears_before_the_rest_is_added(
    house: Any, ask: Any, vision: Board, first: PageForm
) -> None:
    async with house.store.transaction() as transaction:
        transaction.drop(house.store.experiments[ids(5)[0]])

    sent = first.press("step", "done", experiment=ids(4, 5))
    refused = await ask(PATH, identity=ADA, form=sent)

    assert refused.status == 422
    assert "1 of the chosen experiments is not there any more." in refused.text
    assert shown_on(house, vision) == {"run-000"}
    rest = form_to(refused.text, "/add")
    assert rest.fields["carried"] == [" ".join(ids(4))]
    await ask(PATH, identity=ADA, form=rest.press("step", "done"))
    assert shown_on(house, vision) == {"run-000", "run-004"}


async def test_of_what_is_forgotten_each_step_tells(
    ask: Any, vision: Board, first: PageForm
) -> None:
    assert vision.name == "vision"
    told = await step(ask, {**first.press("step", "search"), "carried": ["ex9999999999 rubbish"]})
    assert "2 of the chosen experiments are not there any more." in told
    again = await step(ask, form_to(told, "/add").press("step", "search"))
    assert "not there any more" not in again


async def test_browsers_keep_the_answer_to_a_step_for_the_way_back(
    ask: Any, vision: Board, first: PageForm
) -> None:
    assert vision.name == "vision"
    response = await ask(PATH, identity=ADA, form=first.press("step", "search", text="run-01"))
    assert response.headers["Cache-Control"] == "private, max-age=0"
    assert "Cache-Control" not in (await ask(PATH, identity=ADA)).headers


async def test_names_that_shadow_each_other_are_refused_with_the_choice_kept(
    house: Any, ask: Any, first: PageForm
) -> None:
    await keep(house, experiment(300, "run-001/eval"))
    both = await step(ask, first.press("step", "list", pasted="run-001\nrun-001/eval"))

    response = await ask(PATH, identity=ADA, form=form_to(both, "/add").press("step", "done"))

    assert response.status == 409
    assert "would lie inside" in response.text
    assert chips(response.text) == ["run-001", "run-001/eval"]


async def test_a_choice_understands_tags_and_conditions_like_every_search(
    house: Any, ask: Any, first: PageForm
) -> None:
    for number in (3, 4):
        one = experiment(number, "")
        await keep(house, description(one, tags=("best",), params={"lr": 10.0**-number}))

    tagged = await step(ask, first.press("step", "search", text="tag:best"))
    assert rows(tagged) == ["run-003", "run-004"]
    assert '<ul class="tags" aria-label="Tags"><li><span><bdi>best</bdi></span></li></ul>' in tagged

    form = form_to(tagged, "/add").press("step", "search", text="lr<5e-4")
    small = await step(ask, form)
    assert rows(small) == ["run-004"]
    chosen = await step(ask, form_to(small, "/add").press("step", "all"))
    assert chips(chosen) == ["run-004"]

    again = form_to(chosen, "/add").press("step", "search", text="tag:best", state="chosen")
    assert rows(await step(ask, again)) == ["run-004"]


async def test_a_wrong_condition_hides_nothing_and_selects_nothing(
    ask: Any, first: PageForm
) -> None:
    html = await step(ask, first.press("step", "search", text="run-05 lr<"))
    assert rows(html) == [f"run-{number:03}" for number in range(50, 60)]
    assert "comes a value" in html
    form = form_to(html, "/add")
    assert ("step", "all") not in form.buttons

    sent = await step(ask, form.press() | {"step": ["all"]})

    assert chips(sent) == []
