"""Making a board in the browser."""

import re
from typing import Any

import bcrypt
import pytest
from board_records import ADA, NOW, board, experiment, keep, shown_on
from page_forms import followed, form_to

from tbgateway.domain.model import Access, Board

PATH = "/ui/new-board"


async def empty(ask: Any, query: str = "") -> Any:
    return form_to((await ask(PATH, identity=ADA, query=query)).text, "ui/new-board")


async def send(ask: Any, form: Any) -> Any:
    return await ask(PATH, identity=ADA, form=form)


def made(house: Any, name: str) -> Board:
    found: Board = house.store.board_named(name)
    assert found is not None
    return found


async def test_a_board_is_made_with_a_password_that_is_shown_once(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "a"), experiment(2, "b"))
    form = await empty(ask)

    typed = form.press("step", "done", name="vision", experiment=[experiment(1, "a").id])
    response = await send(ask, typed)

    vision = made(house, "vision")
    assert response.status == 200
    assert (vision.access, vision.username, vision.owner) == (Access.PASSWORD, "vision", "ada")
    assert shown_on(house, vision) == {"a"}
    (password,) = re.findall(r'<code id="password">(.*?)</code>', response.text)
    assert vision.password_hash is not None
    assert bcrypt.checkpw(password.encode(), vision.password_hash.encode())
    assert "http://localhost/boards/vision/" in response.text
    (onward,) = re.findall(r'href="([^"]*)">Go to the board', response.text)
    assert onward == "../ui/boards/vision?said=made"


@pytest.mark.parametrize("rubbish", [{"experiment": ["ex0000000000"]}, {"carried": ["x y"]}])
async def test_a_board_is_not_made_of_less_than_was_chosen(
    house: Any, ask: Any, rubbish: dict[str, list[str]]
) -> None:
    await keep(house, experiment(1, "a"))
    form = await empty(ask)
    typed = form.press("step", "done", name="vision", access="members", pasted="a")

    refused = await send(ask, {**typed, **rubbish})

    assert refused.status == 422
    assert "not there any more" in refused.text
    assert house.store.board_named("vision") is None
    await send(ask, form_to(refused.text, "ui/new-board").press("step", "done", access="members"))
    assert shown_on(house, made(house, "vision")) == {"a"}


async def test_the_page_with_a_password_is_kept_by_no_browser(ask: Any) -> None:
    form = await empty(ask)
    searched = await send(ask, form.press("step", "search"))
    assert searched.headers["Cache-Control"] == "private, max-age=0"
    response = await send(ask, form.press("step", "done", name="vision"))
    assert 'id="password"' in response.text
    assert "Cache-Control" not in response.headers, "the gateway's own is no-store"


@pytest.mark.parametrize("access", [Access.MEMBERS, Access.PUBLIC])
async def test_a_board_without_a_password_leads_to_its_page(
    house: Any, ask: Any, access: Access
) -> None:
    form = await empty(ask)

    response = await send(ask, form.press("step", "done", name="vision", access=access.value))

    assert made(house, "vision").access is access
    assert "The board is made and starts." in await followed(ask, PATH, response, ADA)


async def test_a_password_of_ones_own_is_not_shown(house: Any, ask: Any) -> None:
    form = await empty(ask)
    typed = form.press(
        *("step", "done"),
        name="vision",
        username="vis",
        password_from="own",
        password="chosen-by-us",
    )

    page = await followed(ask, PATH, await send(ask, typed), ADA)

    assert made(house, "vision").username == "vis"
    assert "chosen-by-us" not in page
    assert "User name: vis" in page


async def test_making_a_board_starts_it(house: Any, ask: Any) -> None:
    started = []
    supervisor = house.means.boards._supervisor
    supervisor.start = started.append  # the house's boards have no process

    await send(ask, (await empty(ask)).press("step", "done", name="vision"))

    assert started == [made(house, "vision").id]


@pytest.mark.parametrize(
    ("name", "status", "why"),
    [
        ("", 422, "cannot be a board"),
        ("Vision", 422, "cannot be a board"),
        ("<b>", 422, "cannot be a board"),
        ("x" * 200, 422, "cannot be a board"),
        ("taken", 409, "belongs to another board"),
    ],
)
async def test_a_refused_name_keeps_everything_else_that_was_typed(
    house: Any, ask: Any, name: str, status: int, why: str
) -> None:
    await keep(house, board(1, "taken"), experiment(1, "a"), experiment(2, "b"))
    form = await empty(ask)
    ids = [experiment(2, "b").id]

    typed = form.press(
        *("step", "done"),
        name=name,
        experiment=ids,
        username="vis",
        password_from="own",
        password="a-long-secret",
    )
    response = await send(ask, typed)

    again = form_to(response.text, "ui/new-board").fields
    assert response.status == status
    assert again["name"] == [name]
    assert again["experiment"] == ids
    assert (again["username"], again["password_from"]) == (["vis"], ["own"])
    assert "a-long-secret" not in response.text
    (said,) = re.findall(r'<p class="error" id="name-error">(.*?)</p>', response.text)
    assert why in said
    assert len(house.store.boards) == 1


async def test_the_boards_address_is_shown_beside_its_name(ask: Any) -> None:
    form = await empty(ask)
    html = (await ask(PATH, identity=ADA)).text
    assert "It will be at http://localhost/boards/NAME/" in html

    step = (await send(ask, form.press("step", "search", name="vision"))).text
    assert "It will be at http://localhost/boards/vision/" in step
    hostile = (await send(ask, form.press("step", "search", name='"><i>'))).text
    assert "It will be at http://localhost/boards/NAME/" in hostile
    assert "<i>" not in hostile


async def test_a_list_with_unknown_names_makes_no_board(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "a"))
    form = await empty(ask)

    response = await send(ask, form.press("step", "done", name="vision", pasted="a\nnothing"))

    assert response.status == 422
    assert not house.store.boards
    again = form_to(response.text, "ui/new-board")
    assert again.fields["pasted"] == ["nothing"]
    assert again.fields["experiment"] == [experiment(1, "a").id]
    assert "There is no experiment &#39;nothing&#39;." in response.text

    await send(ask, again.press("step", "done", pasted=""))
    assert shown_on(house, made(house, "vision")) == {"a"}


async def test_another_page_can_lead_here_with_a_selection(house: Any, ask: Any) -> None:
    await keep(house, *(experiment(n, f"run-{n}", last_event_at=NOW - n) for n in range(60)))

    some = await send(ask, {"experiment": [experiment(n, "").id for n in (3, 55)]})
    everything = await send(ask, {"all": "1", "text": "run-5", "sort": "name"})
    linked = await ask(PATH, identity=ADA, query=f"experiment={experiment(3, '').id}")

    assert "2 experiments are selected." in some.text
    assert "11 experiments are selected." in everything.text
    assert "1 experiment is selected." in linked.text


async def test_thousands_of_experiments_travel_in_the_form(house: Any, ask: Any) -> None:
    await keep(house, *(experiment(number, f"run-{number}") for number in range(5000)))
    form = await empty(ask)

    every = form_to((await send(ask, form.press("step", "all"))).text, "ui/new-board")
    await send(ask, every.press("step", "done", name="vision", access="members"))

    assert len(shown_on(house, made(house, "vision"))) == 5000
