"""The page with all experiments, its filters, and what is done to a selection."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from board_records import ADA, NOW, VERA, board, description, experiment, keep, membership
from experiment_site import EVENTS, write
from page_forms import followed, form_to

from tbgateway.domain.errors import InvalidInputError, NotFoundError
from tbgateway.domain.model import (
    Access,
    Experiment,
    ExperimentState,
)
from tbgateway.domain.names import ExperimentId
from tbgateway.domain.series import Digest, Series

PATH = "/ui/experiments"


def listed(page: str) -> list[str]:
    """Return the names in the list, in order."""
    return re.findall(r'class="lead"><a href="[^"]+">([^<]*)</a>', page)


def stored(house: Any, number: int) -> Experiment:
    found = house.store.experiments[ExperimentId(f"ex{number:010x}")]
    assert isinstance(found, Experiment)
    return found


# --- looking


async def test_an_experiment_is_listed_with_its_state_size_and_the_boards_one_may_see(
    house: Any, ask: Any
) -> None:
    one = experiment(
        1, "resnet", state=ExperimentState.FAILED, reason="NaN", bytes=45_300_000,
        last_event_at=NOW - 7200,
    )  # fmt: skip
    seen = [board(n, f"board-{n}") for n in range(5)]
    hidden = board(9, "a-private-thing", owner="bob", access=Access.PASSWORD)
    leaving = board(8, "leaving")
    await keep(house, one, *seen, hidden, leaving)
    await keep(house, *(membership(each, one) for each in (*seen, hidden)))
    await keep(house, membership(leaving, one, removing=True))

    page = (await ask(PATH, identity=VERA)).text

    assert listed(page) == ["resnet"]
    for words in ("Failed", "NaN", "45 MB", "2 hours ago", "and 2 more"):
        assert words in page
    assert '<a href="../ui/boards/board-0">board-0</a>' in page
    for name in ("board-3", "a-private-thing", "leaving"):
        assert name not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["d", "c", "b", "a"]),
        ("text=B", ["b"]),
        ("text=runs", []),
        ("state=failed", ["b"]),
        ("root=team", ["d"]),
        ("boards=some", ["a"]),
        ("boards=none", ["d", "c", "b"]),
        ("problem=1", ["c"]),
        ("sort=name", ["a", "b", "c", "d"]),
        ("sort=-name", ["d", "c", "b", "a"]),
        ("sort=size", ["d", "c", "b", "a"]),
        ("sort=-size", ["a", "b", "c", "d"]),
        ("sort=event", ["a", "b", "c", "d"]),
        ("sort=state&boards=none", ["c", "d", "b"]),
        ("sort=name&page=9", ["a", "b", "c", "d"]),
        ("sort=name&page=x&text=", ["a", "b", "c", "d"]),
    ],
)
async def test_the_url_says_which_are_listed_and_in_which_order(
    house: Any, ask: Any, query: str, names: list[str]
) -> None:
    vision, secret = board(1, "vision"), board(2, "secret", owner="bob", access=Access.PASSWORD)
    a, b, c, d = (
        experiment(n, name, bytes=100 - n, last_event_at=NOW + n) for n, name in enumerate("abcd")
    )
    b = replace(b, state=ExperimentState.FAILED)
    c = replace(c, problem="its directory is missing")
    d = replace(d, root="team")
    await keep(house, vision, secret, a, b, c, d)
    await keep(house, membership(vision, a), membership(secret, b))

    assert listed((await ask(PATH, identity=VERA, query=query)).text) == names


@pytest.mark.parametrize("query", ["state=gone", "boards=all", "sort=colour", "sort=--name"])
async def test_what_cannot_be_searched_by_is_refused_and_not_left_out(ask: Any, query: str) -> None:
    with pytest.raises(InvalidInputError, match="to search by"):
        await ask(PATH, identity=VERA, query=query)


async def test_fifty_are_on_a_page_and_its_links_keep_the_search(house: Any, ask: Any) -> None:
    await keep(house, *(experiment(n, f"run-{n:03}", last_event_at=NOW - n) for n in range(120)))

    page = (await ask(PATH, identity=VERA, query="text=run&sort=name&page=2&scalar=loss")).text

    assert listed(page) == [f"run-{n:03}" for n in range(50, 100)]
    assert "51\u2013100 of 120" in page
    links = dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', page.replace("&amp;", "&")))
    wanted = {"text": ["run"], "sort": ["name"], "scalar": ["loss"]}
    assert parse_qs(urlsplit(links["prev"]).query) == wanted
    assert parse_qs(urlsplit(links["next"]).query) == {**wanted, "page": ["3"]}
    last = (await ask(PATH, identity=VERA, query="text=run&sort=name&page=7")).text
    assert listed(last) == [f"run-{n:03}" for n in range(100, 120)]


async def test_scalars_that_were_asked_for_are_columns_and_others_are_offered(
    house: Any, ask: Any
) -> None:
    one, other = experiment(1, "a"), experiment(2, "b")
    await keep(house, one, other)

    def series(tag: str, run: str, last: float) -> Series:
        return Series(
            run=run, tag=tag, points=(), last=last, last_step=1700, lowest=0, highest=9, count=3
        )

    house.means.scalars.digests[one.id] = Digest(
        (series("loss", "train", 0.125), series("loss", "eval", 0.5), series("acc", "train", 0.9))
    )

    house.means.scalars.digests[other.id] = Digest((series("Loss/total", "", 0.75),))

    page = (await ask(PATH, identity=VERA, query="scalar=loss&scalar=lr&scalar=")).text

    assert '<span title="loss of train, step 1,700, one of 2">0.125</span>' in page
    assert '<span title="Loss/total of , step 1,700">0.75</span>' in page
    assert 'scalar=loss&amp;scalar=lr&amp;scalar=acc">+ acc</a>' in page
    assert page.count(">\u2013</span>") == 2


async def test_a_viewer_gets_no_buttons_and_nothing_to_tick(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "a"))

    viewed, edited = [(await ask(PATH, identity=one)).text for one in (VERA, ADA)]

    assert 'method="post"' in edited
    assert 'name="experiment"' in edited
    assert 'method="post"' not in viewed.replace('<form method="post" action="../ui/sign-out">', "")
    assert 'name="experiment"' not in viewed


async def test_without_any_experiment_the_page_says_where_they_come_from(ask: Any) -> None:
    page = (await ask(PATH, identity=VERA)).text
    assert "No experiment is known yet" in page
    assert "tbgateway serve --logdir ./runs" in page


async def test_a_search_without_a_match_leads_to_all_of_them(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "a"))
    page = (await ask(PATH, identity=VERA, query="text=zzz")).text
    assert "No experiment matches" in page
    assert '<a href="../ui/experiments">Show all 1</a>' in page


async def test_a_notice_says_only_numbers_of_what_a_url_claims(ask: Any) -> None:
    page = (await ask(PATH, identity=VERA, query="completed=3&failed=buy+now&kept=1")).text
    assert "Completed 3 experiments. Not deleted: 1 experiment" in page
    assert "buy" not in page


async def test_tags_stand_below_names_and_lead_to_all_that_have_them(house: Any, ask: Any) -> None:
    one, other, third = (experiment(n, f"run-{n}") for n in range(3))
    said = description(one, tags=("best <b>", "a", "b", "c", "d", "e"))
    await keep(house, one, other, third, said, description(other, tags=("Best <b>",)))

    page = (await ask(PATH, identity=VERA)).text

    assert "<b>" not in page
    assert page.count('<ul class="tags"') == 2
    assert '<li class="quiet">+2<span' in page
    links = re.findall(r'<li><a href="[^"?]*\?([^"]*)"', page)
    assert links[0] == "text=tag%3A%22best+%3Cb%3E%22"
    found = listed((await ask(PATH, identity=VERA, query=links[0])).text)
    assert set(found) == {"run-0", "run-1"}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("text=lr%3C1e-3", {"a"}),
        ("text=lr%3E%3D1e-3+tag:x", {"b"}),
        ("text=lr%3C1e-3+b", set()),
        ("text=X", {"a", "b"}),
        ("since=1h", {"a"}),
        ("since=1d", {"a", "b", "new"}),
        ("since=7d", {"a", "b", "new", "old"}),
        ("since=1d&text=tag:x&state=running", {"a", "b"}),
    ],
)
async def test_experiments_are_found_by_what_is_said_of_them_and_when_they_wrote(
    house: Any, ask: Any, query: str, names: set[str]
) -> None:
    a, b = experiment(1, "a", last_event_at=NOW), experiment(2, "b", last_event_at=NOW - 7200)
    old = experiment(3, "old", last_event_at=NOW - 3 * 86_400)
    new = experiment(4, "new", created_at=NOW - 7200)
    said = [description(a, params={"lr": 1e-4}, tags=("x",))]
    said += [description(b, params={"lr": 1e-3}, tags=("x", "y"))]
    await keep(house, a, b, old, new, *said)
    assert set(listed((await ask(PATH, identity=VERA, query=query)).text)) == names


async def test_a_wrong_condition_is_told_beside_the_box_and_hides_nothing(
    house: Any, ask: Any
) -> None:
    await keep(house, *(experiment(n, f"run-{n:03}") for n in range(60)))

    answer = await ask(PATH, identity=ADA, query="text=run-05+lr%3C")

    assert answer.status == 200
    assert listed(answer.text) == [f"run-{n:03}" for n in range(50, 60)]
    assert '<p class="error" id="text-error">After “lr&lt;” comes a value.</p>' in answer.text
    assert 'aria-invalid="true" aria-describedby="text-error "' in answer.text
    every = (await ask(PATH, identity=ADA, query="text=lr%3C")).text
    assert 'name="all"' not in every


@pytest.mark.parametrize("verb", ["complete", "fail", "stop", "delete"])
async def test_all_matches_of_a_wrong_condition_are_not_selected(
    house: Any, ask: Any, verb: str
) -> None:
    await keep(house, *(experiment(n, f"run-{n:03}") for n in range(60)))
    form = {"all": "60", "text": "lr<", "reason": "x", "confirmed": "1"}
    answer = await ask(f"{PATH}/{verb}", identity=ADA, form=form)
    assert answer.status == 422
    assert "Mend the search" in answer.text
    assert {one.state for one in house.store.experiments.values()} == {ExperimentState.RUNNING}


# --- a selection


async def three(house: Any) -> list[str]:
    known = [experiment(n, name) for n, name in enumerate(("a", "b", "other"))]
    await keep(house, *known)
    return [one.id for one in known]


async def test_the_ticked_ones_are_completed_and_the_list_stays_as_it_was(
    house: Any, ask: Any
) -> None:
    ids = await three(house)

    answer = await ask(
        f"{PATH}/complete",
        identity=ADA,
        form={"experiment": ids[:2], "text": "a", "sort": "name", "scalar": ["loss", "acc"]},
    )

    assert answer.status == 303
    assert answer.headers["Location"] == (
        "../../ui/experiments?text=a&sort=name&scalar=loss&scalar=acc&completed=2"
    )
    states = [stored(house, n).state.value for n in range(3)]
    assert states == ["completed", "completed", "running"]
    assert stored(house, 0).reason == "completed by ada"


async def test_all_matches_are_resolved_when_it_is_done_whatever_the_page_membership(
    house: Any, ask: Any
) -> None:
    await keep(house, *(experiment(n, f"run-{n:03}") for n in range(120)), experiment(999, "x"))

    answer = await ask(
        f"{PATH}/complete", identity=ADA, form={"all": "120", "text": "run", "page": "2"}
    )

    assert "completed=120" in answer.headers["Location"]
    assert stored(house, 119).state is ExperimentState.COMPLETED
    assert stored(house, 999).state is ExperimentState.RUNNING


@pytest.mark.parametrize("verb", ["complete", "fail", "stop", "delete"])
@pytest.mark.parametrize("form", [{"text": "run"}, {"all": "1", "text": "nothing of this name"}])
async def test_nothing_chosen_is_said_on_the_same_page(
    house: Any, ask: Any, verb: str, form: dict[str, str]
) -> None:
    await keep(house, experiment(1, "run"))
    answer = await ask(f"{PATH}/{verb}", identity=ADA, form=form)
    assert answer.status == 422
    assert "No experiment was selected." in answer.text
    assert f'value="{form["text"]}"' in answer.text


@pytest.mark.parametrize("verb", ["complete", "fail", "stop", "delete"])
async def test_what_came_since_all_were_selected_is_asked_about_again(
    house: Any, ask: Any, verb: str
) -> None:
    await keep(house, *(experiment(n, f"run-{n:03}") for n in range(60)))
    page = (await ask(PATH, identity=ADA, query="text=run")).text
    form = form_to(page, "ui/experiments/complete")
    assert form.fields["all"] == []
    assert 'name="all" value="60"' in page
    await keep(house, experiment(60, "run-060"))

    answered = {"reason": "none", "confirmed": "1"}
    typed = form.press(all="60") | answered
    answer = await ask(f"{PATH}/{verb}", identity=ADA, form=typed)

    assert answer.status == 409
    assert "61 experiments match by now, not 60" in answer.text
    assert 'name="all" value="61"' in answer.text
    assert {one.state for one in house.store.experiments.values()} == {ExperimentState.RUNNING}
    again = await ask(f"{PATH}/{verb}", identity=ADA, form={**typed, "all": "61"})
    assert again.status == 303


async def test_a_question_is_about_as_many_as_it_says(house: Any, ask: Any) -> None:
    await three(house)
    question = await ask(f"{PATH}/delete", identity=ADA, form={"all": "9"})
    assert 'name="all" value="3"' in question.text


async def test_what_is_forgotten_meanwhile_is_said_and_the_rest_stays_ticked(
    house: Any, ask: Any
) -> None:
    ids = await three(house)
    form = {"experiment": [*ids[:1], "ex00000000ff"]}
    answer = await ask(f"{PATH}/complete", identity=ADA, form=form)
    assert answer.status == 404
    assert f'value="{ids[0]}" aria-label="Select a" checked' in answer.text
    assert stored(house, 0).state is ExperimentState.RUNNING


@pytest.mark.parametrize(
    ("verb", "question", "state"),
    [
        ("fail", "Did these 2 experiments fail?", "failed"),
        ("stop", "Were these 2 experiments stopped?", "stopped"),
    ],
)
async def test_a_reason_is_asked_for_before_experiments_end_badly(
    house: Any, ask: Any, verb: str, question: str, state: str
) -> None:
    ids = await three(house)

    asked = await ask(f"{PATH}/{verb}", identity=ADA, form={"experiment": ids[:2], "text": "a"})
    assert asked.status == 200
    assert question in asked.text
    assert stored(house, 0).state is ExperimentState.RUNNING
    form = form_to(asked.text, f"/{verb}")

    answer = await ask(f"{PATH}/{verb}", identity=ADA, form=form.press(reason=" out of memory "))

    assert answer.headers["Location"] == f"../../ui/experiments?text=a&{state}=2"
    assert (stored(house, 1).state.value, stored(house, 1).reason) == (state, "out of memory")
    assert stored(house, 2).state is ExperimentState.RUNNING
    page = await followed(ask, f"{PATH}/{verb}", answer, ADA)
    assert f"Said that 2 experiments {state}." in page


@pytest.mark.parametrize(
    ("reason", "why"),
    [("x" * 1025, "longer than 1024 characters"), ("a\x1b[31mb", "control characters")],
)
async def test_a_refused_reason_is_asked_for_again(
    house: Any, ask: Any, reason: str, why: str
) -> None:
    ids = await three(house)

    form = {"experiment": ids[0], "reason": reason, "from": ids[0]}
    again = await ask(f"{PATH}/fail", identity=ADA, form=form)

    assert again.status == 422
    assert f'value="{reason}"' in again.text
    assert why in again.text
    assert 'id="reason-error"' in again.text
    assert f'name="experiment" value="{ids[0]}"' in again.text
    assert stored(house, 0).state is ExperimentState.RUNNING


async def test_the_fail_button_of_an_experiments_own_page_asks_for_a_reason(
    house: Any, ask: Any
) -> None:
    ids = await three(house)
    page = (await ask(f"{PATH}/{ids[0]}", identity=ADA)).text
    assert 'formaction="../../ui/experiments/fail"' in page
    question = await ask(f"{PATH}/fail", identity=ADA, form={"experiment": ids[0], "from": ids[0]})
    assert 'name="reason"' in question.text
    form = {"experiment": ids[0], "from": ids[0], "reason": "no disk"}
    answer = await ask(f"{PATH}/fail", identity=ADA, form=form)
    assert answer.headers["Location"] == f"../../ui/experiments/{ids[0]}?failed=1"
    assert stored(house, 0).reason == "no disk"


async def test_from_its_own_page_an_experiment_leads_back_there(house: Any, ask: Any) -> None:
    ids = await three(house)
    form = {"experiment": ids[0], "from": ids[0]}
    answer = await ask(f"{PATH}/complete", identity=ADA, form=form)
    assert answer.headers["Location"] == f"../../ui/experiments/{ids[0]}?completed=1"
    answer = await ask(
        f"{PATH}/complete", identity=ADA, form={"experiment": ids[0], "from": "//evil.example"}
    )
    assert answer.headers["Location"].startswith("../../ui/experiments/%2F%2Fevil.example?")


async def test_only_what_can_be_forgotten_is_and_only_after_a_question(
    house: Any, ask: Any
) -> None:
    ids = await three(house)
    mine, hidden = board(1, "vision"), board(2, "hid", owner="bob", access=Access.PASSWORD)
    await keep(house, mine, hidden)
    await keep(house, membership(mine, stored(house, 1)), membership(hidden, stored(house, 1)))

    question = await ask(f"{PATH}/delete", identity=ADA, form={"all": "3"})
    assert "Delete 2 experiments?" in question.text
    assert "No file is touched." in question.text
    assert "is on 2 board(s): vision, 1 that you may not see." in question.text
    assert "hid," not in question.text
    assert len(house.store.experiments) == 3

    answer = await ask(f"{PATH}/delete", identity=ADA, form={"all": "3", "confirmed": "1"})

    assert answer.headers["Location"] == "../../ui/experiments?deleted=2&kept=1"
    assert list(house.store.experiments) == [ids[1]]


async def test_nothing_is_asked_where_nothing_can_be_forgotten(house: Any, ask: Any) -> None:
    ids = await three(house)
    vision = board(1, "vision")
    await keep(house, vision)
    await keep(house, membership(vision, stored(house, 0)))
    question = await ask(f"{PATH}/delete", identity=ADA, form={"experiment": ids[0]})
    assert "Nothing of this can be deleted" in question.text
    assert "confirmed" not in question.text


# --- one experiment


async def test_an_experiments_page_says_all_that_is_known_of_it(house: Any, ask: Any) -> None:
    one = experiment(1, "a", held=True, problem="its directory is missing", bytes=1234)
    seen, hidden = board(1, "vision"), board(2, "hid", owner="bob", access=Access.PASSWORD)
    await keep(house, one, seen, hidden)
    await keep(house, membership(seen, one), membership(hidden, one))
    loss = Series(
        run="train", tag="loss", points=((0.0, 1.0), (1.0, 0.5)), last=0.5, last_step=1,
        lowest=0.25, highest=1.0, count=2,
    )  # fmt: skip
    unread = (await ask(f"{PATH}/{one.id}", identity=VERA)).text
    house.means.scalars.digests[one.id] = Digest((loss,) * 23, flaw="one file is damaged")

    page = (await ask(f"{PATH}/{one.id}", identity=VERA)).text

    assert "The event files are being read." in unread
    for words in ("Running", "until somebody completes it", "its directory is missing", "/runs/a"):
        assert words in page
    assert '<a href="../../ui/boards/vision">vision</a>' in page
    assert "hid" not in page.replace("hidden", "")
    assert page.count("<polyline") == 20
    assert "And 3 more" in page
    assert "one file is damaged" in page
    assert "Rename" not in page
    assert "It has no parameters, tags or notes." in page


async def test_where_a_scalar_has_no_line_the_page_says_why(house: Any, ask: Any) -> None:
    one = experiment(1, "a")
    await keep(house, one)
    drawn = Series("train", "loss", ((0.0, 1.0), (1.0, 0.5)), 0.5, 1, 0.25, 1.0, count=2)
    house.means.scalars.digests[one.id] = Digest((drawn,))
    assert "Lines are drawn" not in (await ask(f"{PATH}/{one.id}", identity=VERA)).text
    house.means.scalars.digests[one.id] = Digest((drawn, replace(drawn, tag="lr", points=())))

    page = (await ask(f"{PATH}/{one.id}", identity=VERA)).text

    assert "Lines are drawn for the two main scalars." in page
    assert page.count("<polyline") == 1
    courses = re.findall(r'data-label="Course"><div><(.*?)>', page)
    assert courses[1] == 'span class="quiet"'


async def test_an_experiment_that_is_not_there_is_not_found(ask: Any) -> None:
    with pytest.raises(NotFoundError):
        await ask(f"{PATH}/ex00000000ff", identity=VERA)


async def test_a_refused_name_is_said_beside_its_field(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "a"))
    answer = await ask(f"{PATH}/ex0000000001/rename", identity=ADA, form={"name": "../up"})
    assert answer.status == 422
    assert 'value="../up"' in answer.text
    assert 'id="new-name-error"' in answer.text


async def test_a_refused_registration_keeps_what_was_typed(ask: Any) -> None:
    form = {"path": "relative/<b>", "name": "mine", "held": "1"}
    answer = await ask(f"{PATH}/register", identity=ADA, form=form)
    assert answer.status == 422
    assert "<details open>" in answer.text
    assert 'value="relative/&lt;b&gt;"' in answer.text
    assert 'id="path-error"' in answer.text


async def test_others_get_their_turns_while_many_are_searched(
    house: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece of work is for a part of them: what it takes cannot grow with their number."""
    await keep(house, *(experiment(n, f"run-{n:05}") for n in range(3000)))
    pieces = 0

    async def take(_: Any, work: Any) -> Any:
        nonlocal pieces
        pieces += 1
        return work()

    monkeypatch.setattr("tbgateway.controlplane.loop_share.LoopShare.take", take)
    page = (await ask(PATH, identity=VERA, query="text=run-02999")).text

    assert listed(page) == ["run-02999"]
    assert pieces > 3000 / 500
    assert house.means.share.seconds <= 0.005


# --- with real directories


async def test_a_directory_is_registered_renamed_and_forgotten(
    house: Any, ask: Any, tmp_path: Path
) -> None:
    path = tmp_path / "runs" / "deep" / "er" / "one"
    write(path / EVENTS, 10)
    made = await ask(f"{PATH}/register", identity=ADA, form={"path": str(path), "held": "1"})
    (known,) = house.store.experiments.values()
    assert made.headers["Location"] == f"../../ui/experiments/{known.id}?registered=1"
    assert (known.name, known.held) == ("deep/er/one", True)

    form = {"name": "a better name"}
    renamed = await ask(f"{PATH}/{known.id}/rename", identity=ADA, form=form)
    assert renamed.headers["Location"] == f"../../../ui/experiments/{known.id}?renamed=1"
    assert house.store.experiments[known.id].name == "a better name"

    form = {"experiment": known.id, "confirmed": "1"}
    gone = await ask(f"{PATH}/delete", identity=ADA, form=form)
    assert gone.headers["Location"] == "../../ui/experiments?deleted=1"
    assert not house.store.experiments
    assert any(path.iterdir())
