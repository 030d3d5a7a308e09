"""What is said of an experiment: shown on its page, and changed by a form."""

import html
import re
import threading
from typing import Any
from urllib.parse import parse_qsl

import pytest
from board_records import ADA, NOW, VERA, description, experiment, keep
from page_forms import PageForm, followed, form_to

from tbgateway.controlplane.web import forms
from tbgateway.controlplane.web.params_text import params_text
from tbgateway.domain.description import (
    LONGEST_KEY,
    LONGEST_NOTES,
    LONGEST_VALUE,
    MOST_PARAMS,
    MOST_TAGS,
    Edit,
)
from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Description, ExperimentState
from tbgateway.domain.names import ExperimentId

ID = ExperimentId("ex0000000001")
PAGE = f"/ui/experiments/{ID}"
PATH = f"{PAGE}/describe"
NOTES = "# A title\n\n  <b>kept</b> as typed & more"


async def shown(house: Any, ask: Any, **said: Any) -> PageForm:
    """Return the form for an experiment of which this is said."""
    one = experiment(1, "run")
    await keep(house, one, description(one, **said))
    return form_to((await ask(PATH, identity=ADA)).text, "/describe")


def said(house: Any) -> Description:
    found: Description = house.means.experiments.description(ID)
    return found


async def test_the_form_shows_what_is_said_so_far(house: Any, ask: Any) -> None:
    params = {"lr": 1e-3, "layers": 12, "version": "3", "flag": True}
    form = await shown(house, ask, params=params, tags=("a", "b c"), notes=NOTES)

    assert form.fields["params"] == ['lr = 0.001\nlayers = 12\nversion = "3"\nflag = true']
    assert form.fields["tags"] == ["a, b c"]
    assert form.fields["notes"] == [NOTES]

    await ask(PATH, identity=ADA, form=form.press())
    now = said(house)
    assert (now.params, now.tags, now.notes) == (params, ("a", "b c"), NOTES)


async def test_what_is_typed_is_said_of_it_from_then_on(house: Any, ask: Any) -> None:
    form = await shown(house, ask, params={"lr": 1, "old": "x"}, tags=("a", "b"), notes="before")

    typed = form.press(params="lr = 1.0\nnew=true\n", tags=" b,, c d , c d", notes=NOTES)
    answer = await ask(PATH, identity=ADA, form=typed)

    assert answer.headers["Location"] == f"../../../ui/experiments/{ID}?described=1"
    now = said(house)
    assert now.params == {"lr": 1.0, "new": True}
    assert [*map(type, now.params.values())] == [float, bool]
    assert set(now.tags) == {"b", "c d"}
    assert now.notes == NOTES
    page = await followed(ask, PATH, answer, ADA)
    assert "Its description is changed." in page


async def test_all_that_may_be_said_in_english_fits_into_the_form(house: Any, ask: Any) -> None:
    names = [f"layer.{number:04}".ljust(LONGEST_KEY, "x") for number in range(MOST_PARAMS)]
    before, after = [dict.fromkeys(names, letter * LONGEST_VALUE) for letter in "ab"]
    form = await shown(house, ask, params=before, notes="a " * (LONGEST_NOTES // 2))
    typed = form.press(params=params_text(after), notes="b\n" * (LONGEST_NOTES // 2))
    answer = await ask(PATH, identity=ADA, form=typed)
    assert answer.status == 303
    assert said(house).params == after


async def test_a_long_form_is_read_while_others_get_their_turns(
    house: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set[int]()

    def noted(text: str, *args: Any, **options: Any) -> Any:
        threads.add(threading.get_ident())
        return parse_qsl(text, *args, **options)

    form = await shown(house, ask)
    monkeypatch.setattr(forms, "parse_qsl", noted)
    await ask(PATH, identity=ADA, form=form.press(notes="x" * LONGEST_NOTES))
    assert threads
    assert threading.get_ident() not in threads


async def test_everything_can_be_taken_away(house: Any, ask: Any) -> None:
    form = await shown(house, ask, params={"lr": 1}, tags=("a",), notes="text")
    answer = await ask(PATH, identity=ADA, form=form.press(params="", tags="", notes=""))
    page = await followed(ask, PATH, answer, ADA)
    assert (said(house).params, said(house).tags, said(house).notes) == ({}, (), "")
    assert "It has no parameters, tags or notes." in page


async def test_what_a_script_tells_meanwhile_stays(house: Any, ask: Any) -> None:
    form = await shown(house, ask, params={"lr": 1, "epochs": 3}, tags=("a", "x"), notes="before")
    told = Edit(
        params={"lr": 2, "epochs": None, "best": 0.5},
        add_tags=("b",),
        remove_tags=("x",),
        notes="!",
    )
    await house.means.experiments.describe(ID, told)

    await ask(
        PATH, identity=ADA, form=form.press(params="lr = 1\nepochs = 3\nby = ada", tags="a, x, c")
    )

    now = said(house)
    assert now.params == {"lr": 2, "best": 0.5, "by": "ada"}
    assert set(now.tags) == {"a", "b", "c"}
    assert now.notes == "!"


@pytest.mark.parametrize(
    ("typed", "field", "why"),
    [
        ({"params": "lr = 1\nbatch <b>32"}, "params", "Line 2: 'batch <b>32' is not key = value."),
        ({"params": "a = 1\n\na = 2"}, "params", "Line 3: the parameter 'a' stands there twice."),
        ({"tags": "a, " + "x" * 101}, "tags", "cannot be a tag"),
        ({"tags": ",".join(f"t{n}" for n in range(MOST_TAGS + 1))}, "tags", "are too many"),
        ({"notes": "a\x00b"}, "notes", "The notes are too long, or hold what is no text."),
        ({"params": "\n".join(f"p{n} = 1" for n in range(MOST_PARAMS))}, "params", "too many"),
    ],
)
async def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    house: Any, ask: Any, typed: dict[str, str], field: str, why: str
) -> None:
    form = await shown(house, ask, params={"lr": 0.5}, tags=("a",), notes="before")
    if "too many" in why and field == "params":  # a thousand beside what a script told meanwhile
        await house.means.experiments.describe(ID, Edit(params={"told": 1}))
    sent = form.press(**({"params": "kept = 1", "tags": "k", "notes": "<kept>"} | typed))

    answer = await ask(PATH, identity=ADA, form=sent)

    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text
    assert why in html.unescape(answer.text)
    again = form_to(answer.text, "/describe")
    assert {name: [one.strip() for one in values] for name, values in again.fields.items()} == sent
    assert (said(house).params["lr"], said(house).tags, said(house).notes) == (
        0.5,
        ("a",),
        "before",
    )


async def test_an_experiment_that_is_not_there_is_not_found(ask: Any) -> None:
    for form in (None, {"params": "a = 1"}):
        with pytest.raises(NotFoundError):
            await ask(PATH, identity=ADA, form=form)


async def test_a_form_without_what_it_showed_adds_and_takes_nothing_away(
    house: Any, ask: Any
) -> None:
    await shown(house, ask, params={"lr": 1}, tags=("a",), notes="before")
    await ask(PATH, identity=ADA, form={"params": "new = 2"})
    assert said(house).params == {"lr": 1, "new": 2}
    assert said(house).tags == ("a",)
    assert said(house).notes == "before"


# --- on the experiment's page


async def test_the_page_shows_what_is_said(house: Any, ask: Any) -> None:
    one = experiment(1, "run")
    known = description(
        one,
        params={"lr": 1e-5, "<b>key</b>": "<script>alert(1)</script>", "on": True},
        tags=("best so far", "<i>tag</i>"),
        notes=NOTES,
        file="{}",
        problem="its tbgateway.json is <no> JSON",
    )
    await keep(house, one, known)

    viewed, edited = [(await ask(PAGE, identity=one)).text for one in (VERA, ADA)]

    for words in ("lr", "1e-05", "true", "<script>alert(1)</script>", "<b>key</b>"):
        assert f"<bdi>{html.escape(words)}</bdi>" in viewed
    assert html.escape(NOTES) in viewed
    assert "tbgateway.json</code> beside its event files" in viewed
    assert "its tbgateway.json is &lt;no&gt; JSON" in viewed
    assert 'href="../../ui/experiments?text=tag%3A%22best+so+far%22"' in viewed
    assert "/describe" not in viewed
    assert f'href="../../ui/experiments/{ID}/describe"' in edited


@pytest.mark.parametrize(
    ("state", "held", "lease", "words"),
    [
        (ExperimentState.RUNNING, True, 60.0, "silent for 1 min, it counts as stopped."),
        (ExperimentState.RUNNING, True, 90.0, "silent for 90 s, it counts as stopped."),
        (ExperimentState.RUNNING, True, None, "It runs until somebody completes it."),
        (ExperimentState.RUNNING, False, None, ""),
        (ExperimentState.STOPPED, True, 60.0, ""),
    ],
)
async def test_the_page_says_what_holds_an_experiment(
    house: Any, ask: Any, *, state: ExperimentState, held: bool, lease: float | None, words: str
) -> None:
    await keep(house, experiment(1, "run", state=state, held=held, lease=lease))
    page = (await ask(PAGE, identity=VERA)).text
    assert words in page
    assert ("until somebody" in page or "counts as stopped" in page) is bool(words)
    assert ("It was heard" in page) is ("counts as stopped" in words)


async def test_the_page_says_when_a_script_was_heard_and_asks_again(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "run", held=True))
    assert "data-every" not in (await ask(PAGE, identity=VERA)).text

    await house.means.experiments.heartbeat(ID, 120.0)
    page = (await ask(PAGE, identity=VERA)).text

    assert re.search(
        "silent for 2 min, it counts as stopped. It was heard <time [^>]*>just now<", page
    )
    assert 'data-every="25"' in page


async def test_the_page_says_when_its_script_ended(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "run", state=ExperimentState.FAILED, ended_at=NOW - 7200))
    page = (await ask(PAGE, identity=VERA)).text
    assert "by the clock of its script" in page
    assert "2 hours ago" in page
    await keep(house, experiment(1, "run", lease=60.0, held=True, ended_at=NOW - 7200))
    page = (await ask(PAGE, identity=VERA)).text
    assert "by the clock of its script" not in page, "that was its last life"
