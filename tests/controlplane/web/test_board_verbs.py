"""What the forms on the page of a board do."""

import re
from dataclasses import replace
from typing import Any

import bcrypt
import pytest
from board_records import ADA, BOB, VERA, board, experiment, keep, membership, shown_on
from page_forms import followed, form_to

from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Access, Board, ReservedName

PATH = "/ui/boards/vision"
OLD = bcrypt.hashpw(b"the-old-password", bcrypt.gensalt(4)).decode()
SECRET = {"access": Access.PASSWORD, "username": "vis", "password_hash": OLD}


@pytest.fixture
async def vision(house: Any) -> Board:
    """A board with a password and three experiments."""
    made = board(1, "vision", **SECRET)
    experiments = [experiment(number, name) for number, name in enumerate("abc")]
    await keep(house, made, *experiments, *(membership(made, one) for one in experiments))
    return made


async def page(ask: Any, path: str = PATH) -> str:
    text: str = (await ask(path, identity=ADA)).text
    return text


async def send(ask: Any, verb: str, form: Any, identity: Any = ADA, path: str = PATH) -> Any:
    return await ask(f"{path}/{verb}", identity=identity, form=form)


def now(house: Any, made: Board) -> Board:
    current: Board = house.store.boards[made.id]
    return current


def opens(password: str, made: Board) -> bool:
    assert made.password_hash is not None
    return bcrypt.checkpw(password.encode(), made.password_hash.encode())


async def test_one_experiment_is_removed_by_its_button_and_comes_back_by_undo(
    house: Any, ask: Any, vision: Board
) -> None:
    form = form_to(await page(ask), "/remove")
    sent = form.press("only", experiment(1, "b").id, experiment=[experiment(0, "a").id])

    after = await followed(ask, f"{PATH}/remove", await send(ask, "remove", sent), ADA)

    assert shown_on(house, vision) == {"a", "c"}, "the ticked ones stay"
    assert "1 experiment is removed." in after
    undo = next(one for one in [form_to(after, "/add")] if one.method == "post")
    back = await followed(ask, f"{PATH}/add", await send(ask, "add", undo.press()), ADA)
    assert shown_on(house, vision) == {"a", "b", "c"}
    assert "1 experiment is added." in back
    assert "removed" not in await page(ask)


async def test_several_are_removed_at_once_and_exactly_they_come_back(
    house: Any, ask: Any, vision: Board
) -> None:
    await keep(house, membership(vision, experiment(2, "c"), removing=True))
    form = form_to(await page(ask), "/remove")
    ids = [experiment(0, "a").id, experiment(1, "b").id]

    response = await send(ask, "remove", form.press("", "", experiment=ids))
    after = await followed(ask, f"{PATH}/remove", response, ADA)

    assert shown_on(house, vision) == set()
    assert "2 experiments are removed." in after
    await send(ask, "add", form_to(after, "/add").press())
    assert shown_on(house, vision) == {"a", "b"}


async def test_of_very_many_that_are_removed_only_the_number_travels(
    house: Any, ask: Any, vision: Board
) -> None:
    many = [experiment(number, f"run-{number}") for number in range(100, 1316)]
    await keep(house, *many, *(membership(vision, one) for one in many))

    response = await send(ask, "remove", {"experiment": [one.id for one in many]})

    assert len(response.headers["Location"]) < 100
    after = await followed(ask, f"{PATH}/remove", response, ADA)
    assert "1,216 experiments are removed." in after
    assert "Undo" not in after


async def test_what_is_back_is_not_said_to_be_removed(ask: Any, vision: Board) -> None:
    assert vision.name == "vision"
    for removed in (experiment(0, "a").id, "nonsense<script>", "..."):
        html = (await ask(PATH, identity=ADA, query=f"removed={removed}")).text
        assert "<script>" not in html
        assert "Undo" not in html


async def test_the_search_is_still_there_after_a_removal(ask: Any, vision: Board) -> None:
    assert vision.name == "vision"
    html = (await ask(PATH, identity=ADA, query="text=a&sort=-size")).text
    form = form_to(html, "/remove")

    response = await send(ask, "remove", form.press("only", experiment(0, "a").id))

    assert "text=a" in response.headers["Location"]
    assert "sort=-size" in response.headers["Location"]


async def test_removing_nothing_is_refused(ask: Any, vision: Board) -> None:
    assert vision.name == "vision"
    response = await send(ask, "remove", {"text": ""})

    assert response.status == 422
    assert "No experiment was selected." in response.text


async def test_a_renamed_board_is_found_by_both_names(house: Any, ask: Any, vision: Board) -> None:
    form = form_to(await page(ask), "/rename")
    assert form.fields["name"] == ["vision"]

    response = await send(ask, "rename", form.press(name="sight"))
    after = await followed(ask, f"{PATH}/rename", response, ADA)

    assert now(house, vision).name == "sight"
    assert "Its old addresses lead here" in after
    assert (await ask(PATH, identity=ADA)).headers["Location"].endswith("ui/boards/sight")
    # A page that was open meanwhile still has the old name in its forms.
    await send(ask, "stop", {})
    assert now(house, vision).paused


@pytest.mark.parametrize(
    ("name", "status", "why"),
    [("Not a name", 422, "cannot be a board"), ("taken", 409, "belongs to another board")],
)
async def test_a_refused_name_is_said_beside_its_field_with_what_was_typed(
    house: Any, ask: Any, vision: Board, name: str, status: int, why: str
) -> None:
    await keep(house, ReservedName(name="taken", board_id=board(2, "x").id), board(2, "x"))

    response = await send(ask, "rename", {"name": name})

    assert response.status == status
    assert now(house, vision).name == "vision"
    (said,) = re.findall(r'<p class="error" id="name-error">(.*?)</p>', response.text)
    assert why in said
    assert form_to(response.text, "/rename").fields["name"] == [name]
    assert 'aria-invalid="true" aria-describedby="name-error name-hint" autofocus' in response.text
    assert 'data-news=""' in response.text, "what was typed is not taken away by news"


async def test_a_new_password_kills_the_old_one_and_is_never_shown(
    house: Any, ask: Any, vision: Board
) -> None:
    form = form_to(await page(ask), "/access")
    assert form.fields["username"] == ["vis"]
    assert form.fields["password_from"] == ["keep"]
    assert form.fields["password"] == [""]

    typed = form.press(password_from="own", password=" spaces count ")
    response = await send(ask, "access", typed)
    after = await followed(ask, f"{PATH}/access", response, ADA)

    assert opens(" spaces count ", now(house, vision))
    assert not opens("the-old-password", now(house, vision))
    assert "The old one opens nothing any more." in after
    assert "spaces count" not in after + response.headers["Location"]


async def test_a_generated_password_is_shown_once_in_the_answer_itself(
    house: Any, ask: Any, vision: Board
) -> None:
    form = form_to(await page(ask), "/access")

    response = await send(ask, "access", form.press(password_from="generate"))

    assert response.status == 200
    (password,) = re.findall(r'<code id="password">(.*?)</code>', response.text)
    assert opens(password, now(house, vision))
    assert password not in await page(ask)


async def test_a_refused_password_is_not_in_the_page_again(
    house: Any, ask: Any, vision: Board
) -> None:
    form = form_to(await page(ask), "/access")
    typed = form.press(username="new-name", password_from="own", password="short")

    response = await send(ask, "access", typed)

    assert response.status == 422
    assert "short" not in response.text.replace("it is too short", "")
    again = form_to(response.text, "/access").fields
    assert (again["username"], again["password_from"]) == (["new-name"], ["own"])
    assert again["password"] == [""]
    assert '<p class="error" id="password-error">' in response.text
    assert opens("the-old-password", now(house, vision))


async def test_a_user_name_changes_without_the_password(
    house: Any, ask: Any, vision: Board
) -> None:
    form = form_to(await page(ask), "/access")

    response = await send(ask, "access", form.press(username="eye"))

    assert response.status == 303
    assert now(house, vision).username == "eye"
    assert opens("the-old-password", now(house, vision))


@pytest.mark.parametrize("access", [Access.MEMBERS, Access.PUBLIC])
async def test_a_board_without_a_password_forgets_the_one_it_had(
    house: Any, ask: Any, vision: Board, access: Access
) -> None:
    form = form_to(await page(ask), "/access")

    await send(ask, "access", form.press(access=access.value, password="typed all the same"))

    changed = now(house, vision)
    assert (changed.access, changed.username, changed.password_hash) == (access, None, None)
    again = form_to(await page(ask), "/access").fields
    assert again["password_from"] == ["generate"], "there is none to keep"


async def test_a_password_that_is_gone_meanwhile_cannot_be_kept(
    house: Any, ask: Any, vision: Board
) -> None:
    form = form_to(await page(ask), "/access")
    await keep(house, board(1, "vision"))

    response = await send(ask, "access", form.press(password_from="keep"))

    assert response.status == 409
    assert now(house, vision).access is Access.MEMBERS


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"access": "everybody"}, "Nobody said who may look."),
        ({"access": "password", "password_from": "own"}, "No password was typed."),
        ({"access": "password", "username": "not ok", "password_from": "keep"}, "user name"),
    ],
)
async def test_access_that_makes_no_sense_is_refused(
    house: Any, ask: Any, vision: Board, form: Any, why: str
) -> None:
    response = await send(ask, "access", form)

    assert response.status == 422
    assert why in response.text
    assert now(house, vision) == vision


async def test_a_board_is_stopped_and_started(house: Any, ask: Any, vision: Board) -> None:
    stopped = await followed(
        ask, f"{PATH}/stop", await send(ask, "stop", form_to(await page(ask), "/stop").press()), ADA
    )
    assert now(house, vision).paused
    assert "Paused" in stopped

    await send(ask, "start", form_to(stopped, "/start").press())
    assert not now(house, vision).paused


@pytest.mark.parametrize(
    ("idle", "minutes", "seconds"),
    [("after", "1.5", 90.0), ("never", "", 0.0), ("usual", "7", None)],
)
async def test_when_a_board_goes_to_sleep_is_set_in_minutes(
    house: Any, ask: Any, vision: Board, idle: str, minutes: str, seconds: float | None
) -> None:
    await keep(house, replace(vision, idle_timeout=240.0))
    form = form_to(await page(ask), "/idle")
    assert (form.fields["idle"], form.fields["idle_timeout"]) == (["after"], ["4"])

    response = await send(ask, "idle", form.press(idle=idle, idle_timeout=minutes))
    after = await followed(ask, f"{PATH}/idle", response, ADA)

    assert now(house, vision).idle_timeout == seconds
    assert form_to(after, "/idle").fields["idle"] == [idle]


@pytest.mark.parametrize(
    "minutes",
    ["", "soon", "0", "0.5", "nan", "inf", "-1", "1e300", "1e5", "1_0", "\u0663", "9" * 400],
)
async def test_minutes_that_make_no_sense_are_refused_with_what_was_typed(
    house: Any, ask: Any, vision: Board, minutes: str
) -> None:
    response = await send(ask, "idle", {"idle": "after", "idle_timeout": minutes})

    assert response.status == 422
    assert form_to(response.text, "/idle").fields["idle_timeout"] == [minutes]
    assert '<p class="error" id="idle_timeout-error">' in response.text
    assert "Type a number of minutes from 1 to 527040, in digits" in response.text
    assert now(house, vision) == vision


@pytest.mark.parametrize("verb", ["remove", "rename", "access", "idle", "start", "stop"])
async def test_the_address_of_a_form_leads_back_to_the_page(
    ask: Any, vision: Board, verb: str
) -> None:
    response = await ask(f"{PATH}/{verb}", identity=ADA)

    assert response.status == 303
    assert response.headers["Location"].endswith(f"ui/boards/{vision.name}")


@pytest.mark.parametrize(
    "verb", ["add", "remove", "rename", "access", "idle", "start", "stop", "delete"]
)
async def test_nobody_else_changes_a_board(house: Any, ask: Any, vision: Board, verb: str) -> None:
    shared = board(2, "shared")
    await keep(house, shared, membership(shared, experiment(0, "a")))
    form = {
        "step": "done",
        "experiment": experiment(1, "b").id,
        "only": experiment(0, "a").id,
        "name": "shared" if verb == "delete" else "other",
        "access": "public",
        "idle": "never",
    }

    refused = await send(ask, verb, form, identity=BOB, path="/ui/boards/shared")
    assert refused.status == 403
    assert house.store.boards[shared.id] == shared
    assert shown_on(house, shared) == {"a"}
    with pytest.raises(NotFoundError):
        await send(ask, verb, form, identity=VERA)
    assert now(house, vision) == vision


async def test_a_board_is_deleted_once_its_name_was_typed(
    house: Any, ask: Any, vision: Board
) -> None:
    asked = await page(ask, f"{PATH}/delete")
    assert "The 3 experiments on it stay" in asked

    wrong = await send(ask, "delete", form_to(asked, "/delete").press(name="Vision"))
    assert wrong.status == 422
    assert "This is not the board&#39;s name." in wrong.text
    assert now(house, vision) == vision

    done = await send(ask, "delete", form_to(wrong.text, "/delete").press(name="vision"))
    after = await followed(ask, f"{PATH}/delete", done, ADA)
    assert vision.id not in house.store.boards
    assert len(house.store.experiments) == 3
    assert "Deleted vision." in after
