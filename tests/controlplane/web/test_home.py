import asyncio
import re
from typing import Any

import pytest
from board_records import NOW, board, experiment, keep, membership

from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.model import (
    Access,
    ExperimentState,
    LocalOperator,
    Role,
    SignedIn,
)
from tbgateway.domain.series import Digest, Series
from tbgateway.telemetry.board_usage import BoardUsage

ADA = SignedIn("ada", Role.ADMIN)
GRACE = SignedIn("grace", Role.EDITOR)


def listed(page: str) -> list[str]:
    return re.findall(r'class="lead"><div class="named"><a href="[^"]*">([^<]*)</a>', page)


async def show(ask: Any, query: str = "", identity: Any = ADA) -> str:
    text: str = (await ask("/", identity=identity, query=query)).text
    return text


async def test_a_board_is_listed_with_its_state_its_experiments_and_its_links(
    house: Any, ask: Any
) -> None:
    vision = board(1, "vision", last_visited_at=NOW - 7200)
    running = experiment(1, "a")
    done = experiment(2, "b", state=ExperimentState.COMPLETED)
    going = experiment(3, "c")
    await keep(house, vision, running, done, going)
    await keep(
        house,
        membership(vision, running),
        membership(vision, done),
        membership(vision, going, removing=True),
    )

    page = await show(ask)

    assert '<a href="ui/boards/vision">vision</a>' in page
    assert 'href="boards/vision/" aria-label="Open vision">Open</a>' in page
    assert "Sleeping" in page
    assert '2 <span class="adding">1 adding</span>' in page
    assert "2 hours ago" in page
    assert 'href="ui/account">ada</a> <span class="quiet">admin</span>' in page
    assert 'data-live="tb0000000001"' in page
    assert 'data-news="board"' in page


async def test_of_experiments_only_those_with_the_newest_events_concern_the_page(
    house: Any, ask: Any
) -> None:
    """Ten thousand may be written to, of which few are looked at."""
    vision, empty = board(1, "vision"), board(2, "empty")
    written = [experiment(n, f"run-{n}", last_event_at=NOW - n) for n in range(1, 4)]
    await keep(house, vision, empty, *written, experiment(9, "silent"))
    await keep(house, *(membership(vision, one) for one in written))
    await keep(house, membership(empty, experiment(9, "silent")))

    assert f'data-news="board experiment:{written[0].id}"' in await show(ask)


async def test_where_there_is_no_board_every_experiment_is_news(ask: Any) -> None:
    assert 'data-news="board experiment"' in await show(ask)


async def test_a_board_tells_how_many_of_its_experiments_have_a_problem(
    house: Any, ask: Any
) -> None:
    vision, broken = board(1, "vision"), experiment(1, "a", problem="its directory is missing")
    await keep(house, vision, broken)
    await keep(house, membership(vision, broken))

    assert '1<span class="offscreen"> with a problem</span>' in await show(ask)


async def test_a_board_shows_the_course_of_its_main_scalar(house: Any, ask: Any) -> None:
    vision, run = board(1, "vision"), experiment(1, "a", bytes=9, last_event_at=NOW - 5)
    await keep(house, vision, run, board(2, "other"))
    await keep(house, membership(vision, run))
    points = ((0.0, 2.0), (1.0, 0.5), (2.0, 0.75))
    series = Series("train", "loss/total", points, 0.75, 2, lowest=0.5, highest=2.0, count=3)
    house.means.scalars.digests[run.id] = Digest((series,))

    page = await show(ask)

    assert page.count("<polyline") == 1
    assert 'aria-label="loss/total: last 0.75, best 0.5 over 3 values"' in page
    assert '<p class="tag">loss/total</p>' in page


async def test_boards_are_ordered_by_the_memory_they_use(house: Any, ask: Any) -> None:
    small, large = board(1, "small"), board(2, "large")
    await keep(house, small, large, board(3, "asleep"))
    house.means.resources._usages = dict.fromkeys((small.id, large.id), BoardUsage())
    house.means.resources._keep({small.id: (0.1, 45_300_000), large.id: (0.1, 1_200_000_000)})

    page = await show(ask, "sort=-memory")

    assert listed(page) == ["large", "small", "asleep"]
    assert "<div>1.2 GB <span" in page
    assert "<div>45 MB <span" in page


async def test_a_stopped_board_is_paused(house: Any, ask: Any) -> None:
    await keep(house, board(1, "vision", paused=True))

    assert "</svg> Paused</span>" in await show(ask)


async def test_boards_that_a_member_may_not_see_are_not_listed(house: Any, ask: Any) -> None:
    secret = {"access": Access.PASSWORD, "username": "u", "password_hash": "x"}
    await keep(house, board(1, "shared"), board(2, "private-things", **secret))

    page = await show(ask, identity=SignedIn("grace", Role.VIEWER))

    assert listed(page) == ["shared"]
    assert "private-things" not in page


async def test_viewers_find_nothing_to_change(house: Any, ask: Any) -> None:
    await keep(house, board(1, "shared"))

    page = await show(ask, identity=SignedIn("grace", Role.VIEWER))

    assert "New board" not in page
    assert 'type="checkbox" name="board"' not in page
    assert "Delete" not in page


async def test_an_editor_can_choose_own_boards_only(house: Any, ask: Any) -> None:
    await keep(house, board(1, "hers", owner="grace"), board(2, "shared"))

    page = await show(ask, identity=GRACE)

    assert re.findall(r'name="board" value="([^"]*)"', page) == ["hers"]


async def filled(house: Any) -> None:
    """Keep four boards that differ in everything."""
    secret = {"access": Access.PASSWORD, "username": "u", "password_hash": "x"}
    boards = (
        board(1, "audio", owner="Zoe", last_visited_at=NOW - 5, **secret),
        board(2, "nlp", owner="ada", paused=True),
        board(3, "speech", owner="bob", last_visited_at=NOW - 900, access=Access.PUBLIC),
        board(4, "vision", owner="ada", last_visited_at=NOW - 90),
    )
    runs = [experiment(1, "ResNet/baseline"), experiment(2, "bert"), experiment(3, "wave")]
    await keep(house, *boards, *runs)
    await keep(
        house,
        membership(boards[3], runs[0]),
        membership(boards[3], runs[1]),
        membership(boards[1], runs[1]),
        membership(boards[0], runs[2], removing=True),
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["audio", "nlp", "speech", "vision"]),
        ("text=PEE", ["speech"]),
        ("text=zoe", ["audio"]),
        ("text=resnet", ["vision"]),
        ("text=bert", ["nlp", "vision"]),
        ("text=wave", []),
        ("state=paused", ["nlp"]),
        ("state=sleeping&text=ada", ["vision"]),
        ("access=public", ["speech"]),
        ("mine=1", ["nlp", "vision"]),
        ("mine=1&state=paused", ["nlp"]),
        ("sort=-name", ["vision", "speech", "nlp", "audio"]),
        ("sort=state", ["audio", "speech", "vision", "nlp"]),
        ("sort=-experiments", ["vision", "nlp", "audio", "speech"]),
        ("sort=-visit", ["audio", "vision", "speech", "nlp"]),
        ("sort=visit", ["nlp", "speech", "vision", "audio"]),
        ("sort=access", ["audio", "nlp", "vision", "speech"]),
        ("sort=owner", ["nlp", "vision", "speech", "audio"]),
    ],
)
async def test_boards_are_found_and_ordered_as_the_url_says(
    house: Any, ask: Any, query: str, names: list[str]
) -> None:
    await filled(house)

    assert listed(await show(ask, query)) == names


async def test_the_form_shows_what_was_searched_for(house: Any, ask: Any) -> None:
    await filled(house)

    page = await show(ask, "text=%22e&state=paused&access=members&mine=1&sort=-visit")

    assert 'value="&#34;e"' in page
    assert '<option value="paused" selected>' in page
    assert '<option value="members" selected>' in page
    assert 'name="mine" value="1" checked' in page
    assert 'name="sort" value="-visit"' in page
    assert "No board matches." in page
    assert "Show all 4 boards" in page


async def test_a_column_orders_by_itself_and_then_the_other_way_round(house: Any, ask: Any) -> None:
    await filled(house)

    by_visit = await show(ask, "text=a&sort=-visit&page=7")

    assert 'aria-sort="descending"><a href="./?text=a&amp;sort=visit">Last visited</a>' in by_visit
    assert '<a href="./?text=a&amp;sort=owner">Owner</a>' in by_visit
    assert '<a href="./?text=a">Board</a>' in by_visit


@pytest.mark.parametrize("query", ["state=dead", "access=everybody", "sort=colour"])
async def test_a_search_that_makes_no_sense_is_refused(ask: Any, query: str) -> None:
    with pytest.raises(InvalidInputError, match="to search by") as refusal:
        await show(ask, query)

    assert refusal.value.hint.startswith("Use one of")


async def test_long_lists_come_in_pages_of_fifty(house: Any, ask: Any) -> None:
    await keep(house, *(board(number, f"board-{number:03}") for number in range(120)))

    first, second, last = await show(ask), await show(ask, "page=2"), await show(ask, "page=99")

    assert listed(first) == [f"board-{number:03}" for number in range(50)]
    assert listed(second)[0] == "board-050"
    assert listed(last) == [f"board-{number:03}" for number in range(100, 120)]
    assert '<span class="count" data-live="count">120</span>' in first
    assert 'rel="next" href="./?page=2"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="./"' in second
    assert 'rel="next"' not in last


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "9999999", ""])
async def test_a_page_number_that_is_none_means_the_first(house: Any, ask: Any, page: str) -> None:
    await filled(house)

    assert len(listed(await show(ask, f"page={page}"))) == 4


async def test_without_boards_the_page_begins_with_an_experiment_that_there_is(
    house: Any, ask: Any
) -> None:
    await keep(house, experiment(1, "resnet/base=1"))

    page = await show(ask)

    assert "tbgateway board create vision -e resnet/base=1" in page
    assert "client = tbgateway.Client.find()" in page
    assert "client.boards.create(&#34;vision&#34;, [&#34;resnet/base=1&#34;])" in page


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a b", "$(reboot)", "-x", 'a"b'])
async def test_a_name_that_a_shell_would_stumble_over_is_no_example(
    house: Any, ask: Any, name: str
) -> None:
    await keep(house, experiment(1, name))

    page = await show(ask)

    assert "tbgateway board create vision -e ./runs/a" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("identity", "reader"), [(LocalOperator(0), "local operator"), (None, None)]
)
async def test_the_page_says_whom_it_takes_the_reader_for(
    ask: Any, identity: Any, reader: str | None
) -> None:
    page = (await ask("/", identity=identity)).text

    assert ("ui/account" in page) == (reader is not None)
    assert reader is None or reader in page


async def test_others_get_their_turns_while_a_long_page_is_made(house: Any, ask: Any) -> None:
    await keep(house, *(board(number, f"board-{number}") for number in range(20)))
    house.means.share.seconds = 0.0
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(take_turns())
    page = await show(ask)
    others.cancel()

    assert "board-19" in page
    assert turns >= 20
