"""The page about a board, for those who may change it and for those who may not."""

import asyncio
import re
from typing import Any
from urllib.parse import urljoin

import pytest
from board_records import ADA, BOB, NOW, VERA, board, description, experiment, keep, membership
from page_forms import forms_of

from tbgateway.domain.errors import NotFoundError
from tbgateway.domain.model import Access, Board, ExperimentState, ReservedName
from tbgateway.domain.series import Digest, Series

PATH = "/ui/boards/vision"
SECRET = {"access": Access.PASSWORD, "username": "vis", "password_hash": "$2b$04$not-a-real-hash"}


@pytest.fixture
async def vision(house: Any) -> Board:
    """A board of three experiments, of which one runs, one is done and one is leaving."""
    made = board(1, "vision", last_visited_at=NOW - 7200, **SECRET)
    running = experiment(1, "a/running", last_event_at=NOW - 5, bytes=45_300_000)
    done = experiment(2, "b", state=ExperimentState.COMPLETED, reason="no new event for 15 min")
    leaving = experiment(3, "c", problem="its directory is missing")
    await keep(house, made, running, done, leaving)
    await keep(house, *(membership(made, one) for one in (running, done)))
    await keep(house, membership(made, leaving, removing=True))
    return made


async def page(ask: Any, query: str = "", identity: Any = ADA) -> str:
    text: str = (await ask(PATH, identity=identity, query=query)).text
    return text


def rows(html: str) -> list[str]:
    """Return the names of the memberships that are shown, in their order."""
    return re.findall(r'class="lead"><a [^>]*><bdi>(.*?)</bdi>', html)


@pytest.mark.usefixtures("vision")
async def test_the_page_tells_about_the_board_and_each_membership(ask: Any) -> None:
    html = await page(ask)

    assert "Sleeping" in html
    assert "It wakes when somebody opens it." in html
    assert '2 <span class="adding">1 adding</span>' in html
    assert rows(html) == ["a/running", "b", "c"]
    for word in ("Adding", "Added", "Removing", "45 MB", "2 hours ago"):
        assert word in html
    assert "Completed: <bdi>no new event for 15 min</bdi>" in html
    assert "<bdi>its directory is missing</bdi>" in html
    assert 'href="../../boards/vision/">Open</a>' in html


@pytest.mark.usefixtures("vision")
async def test_its_experiments_are_found_by_what_is_said_of_them(house: Any, ask: Any) -> None:
    said = {"tags": ("best <so> far",), "params": {"lr": 0.01}}
    await keep(house, description(experiment(2, "b"), **said))

    html = await page(ask)
    (query,) = re.findall(r'<li><a href="[^"?]*\?(text=tag[^"]*)"', html)

    assert "best &lt;so&gt; far" in html
    assert rows(await page(ask, query)) == ["b"]
    assert rows(await page(ask, "text=lr%3C1")) == ["b"]
    assert rows(await page(ask, "text=lr%3C1&show=adding")) == []
    wrong = await page(ask, "text=lr%3C+a")
    assert 'id="text-error"' not in wrong, "what follows an operator is its value"
    wrong = await page(ask, "text=run+lr%3C")
    assert rows(wrong) == ["a/running"]
    assert 'id="text-error"' in wrong


@pytest.mark.usefixtures("vision")
async def test_the_text_to_share_has_the_address_and_the_user_name_but_no_password(
    ask: Any,
) -> None:
    html = await page(ask)

    shared = re.search(r'<pre id="share-text">(.*?)</pre>', html, re.DOTALL)
    assert shared is not None
    assert shared[1].split() == ["http://localhost/boards/vision/", "User", "name:", "vis"]
    assert "$2b$" not in html


async def test_who_may_look_only_sees_no_form_but_the_search(house: Any, ask: Any) -> None:
    shared = board(1, "vision")
    await keep(house, shared, experiment(1, "a"))
    await keep(house, membership(shared, experiment(1, "a")))

    for reader in (VERA, BOB):
        html = await page(ask, identity=reader)
        posts = [form.action for form in forms_of(html) if form.method == "post"]
        assert [action for action in posts if "sign-out" not in action] == []
        for word in ("Remove", "Rename", "Start<", "Stop<", "Delete", "log lines", "checkbox"):
            assert word not in html
        assert rows(html) == ["a"]


@pytest.mark.usefixtures("vision")
async def test_a_board_that_must_not_be_seen_is_not_found(ask: Any) -> None:
    with pytest.raises(NotFoundError):
        await page(ask, identity=BOB)


@pytest.mark.usefixtures("vision")
@pytest.mark.parametrize("prefix", ["", "/team/tb"])
async def test_a_former_name_leads_to_the_page_under_every_prefix(
    house: Any, ask: Any, prefix: str
) -> None:
    await keep(house, ReservedName(name="sight", board_id=board(1, "vision").id))

    response = await ask("/ui/boards/sight", identity=ADA)

    assert response.status == 303
    here = f"https://host{prefix}/ui/boards/sight"
    assert urljoin(here, response.headers["Location"]) == f"https://host{prefix}{PATH}"
    with pytest.raises(NotFoundError):
        await ask("/ui/boards/sight", identity=BOB)


@pytest.mark.usefixtures("vision")
async def test_an_id_leads_to_the_page_too(ask: Any) -> None:
    response = await ask(f"/ui/boards/{board(1, 'vision').id}", identity=ADA)

    assert response.headers["Location"].endswith("ui/boards/vision")


@pytest.mark.usefixtures("vision")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("text=RUN", ["a/running"]),
        ("show=added", ["b"]),
        ("show=problem", ["c"]),
        ("show=removing", ["c"]),
        ("sort=-name", ["c", "b", "a/running"]),
        ("sort=state", ["a/running", "b", "c"]),
        ("sort=-size", ["a/running", "c", "b"]),
        ("sort=event", ["b", "c", "a/running"]),
        ("show=nonsense&sort=-nonsense&page=nonsense", ["c", "b", "a/running"]),
        ("text=nothing-like-it", []),
    ],
)
async def test_memberships_are_searched_filtered_and_sorted_by_the_url(
    ask: Any, query: str, names: list[str]
) -> None:
    html = await page(ask, query)

    assert rows(html) == names
    assert names or "No experiment matches." in html


async def test_a_large_board_is_shown_in_parts_while_others_get_their_turns(
    house: Any, ask: Any
) -> None:
    large = board(1, "vision")
    experiments = [experiment(number, f"run-{number:04}") for number in range(3000)]
    await keep(house, large, *experiments, *(membership(large, one) for one in experiments))
    house.means.share.seconds = 0.0
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(take_turns())
    first = await page(ask)
    others.cancel()
    last = await page(ask, "page=30")
    beyond = await page(ask, "page=999")

    assert rows(first) == [f"run-{number:04}" for number in range(100)]
    assert "100 of 3,000" in first
    assert '3,000 <span class="adding">3,000 adding</span>' in first
    assert rows(last) == rows(beyond) == [f"run-{number:04}" for number in range(2900, 3000)]
    assert turns >= 24


async def test_hostile_names_stay_names(house: Any, ask: Any) -> None:
    vision = board(1, "vision")
    hostile = experiment(1, "\"'><script>alert(1)</script>\u202e", reason="<img src=x>")
    await keep(house, vision, hostile)
    await keep(house, membership(vision, hostile))

    html = await page(ask)

    assert "<script>" not in html
    assert "<img src=x>" not in html
    assert "<bdi>&#34;&#39;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\u202e</bdi>" in html


async def test_without_experiments_the_page_leads_to_some(house: Any, ask: Any) -> None:
    await keep(house, board(1, "vision"))

    html = await page(ask)

    assert "No experiment is on this board yet." in html
    assert 'href="../../ui/boards/vision/add"' in html


@pytest.mark.parametrize(
    ("query", "seconds_ago", "hurries"),
    [("said=made", 1, True), ("said=made", 3600, False), ("", 1, False)],
)
async def test_without_scripts_the_page_of_a_board_that_starts_asks_again(
    house: Any, ask: Any, query: str, seconds_ago: float, *, hurries: bool
) -> None:
    await keep(house, board(1, "vision", created_at=NOW - seconds_ago))

    html = await page(ask, query)

    assert ('<noscript><meta http-equiv="refresh" content="2"></noscript>' in html) is hurries
    assert ("The board is made and starts." in html) is bool(query)


async def test_the_page_says_which_news_concern_it(house: Any, ask: Any) -> None:
    vision, one = board(1, "vision"), experiment(1, "a")
    await keep(house, vision, one)
    await keep(house, membership(vision, one))

    assert f'data-news="board:{vision.id} experiment:{one.id}"' in await page(ask)


async def test_an_experiments_main_scalar_is_drawn_beside_it(house: Any, ask: Any) -> None:
    vision, one = board(1, "vision"), experiment(1, "a", last_event_at=NOW)
    await keep(house, vision, one)
    await keep(house, membership(vision, one))
    assert "<polyline" not in await page(ask)
    points = ((0.0, 2.0), (1.0, 0.25))
    loss = Series(
        *("eval", "<i>loss"), points, last=0.5, last_step=1, lowest=0.25, highest=2.0, count=2
    )
    house.means.scalars.digests[one.id] = Digest((loss,))

    html = await page(ask)

    assert html.count("<polyline") == 1
    assert "&lt;i&gt;loss: last 0.5, best 0.25" in html
    assert "<i>" not in html
