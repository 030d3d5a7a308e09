import asyncio
from typing import Any

import pytest

from tbgateway.controlplane.web import home
from tbgateway.domain.model import (
    Access,
    Board,
    Experiment,
    ExperimentState,
    LocalOperator,
    Membership,
    Role,
    SignedIn,
)
from tbgateway.domain.names import BoardId, ExperimentId

NOW = 1_795_420_800.0
ADA = SignedIn("ada", Role.ADMIN)


def board(number: int, name: str, **changes: Any) -> Board:
    values = {"owner": "ada", "access": Access.MEMBERS, "created_at": NOW, **changes}
    return Board(id=BoardId(f"tb{number:010x}"), name=name, **values)


def experiment(number: int, name: str, **changes: Any) -> Experiment:
    values = {"root": "runs", "path": f"/runs/{name}", "created_at": NOW, **changes}
    return Experiment(id=ExperimentId(f"ex{number:010x}"), name=name, **values)


def membership(board: Board, experiment: Experiment, **changes: Any) -> Membership:
    return Membership(board_id=board.id, experiment_id=experiment.id, added_at=NOW, **changes)


async def keep(house: Any, *records: Any) -> None:
    async with house.store.transaction() as transaction:
        transaction.put(*records)


async def test_a_board_is_listed_with_its_state_its_experiments_and_its_link(
    house: Any, ask: Any
) -> None:
    vision = board(1, "vision", last_visited_at=NOW - 7200)
    running = experiment(1, "a", last_event_at=NOW - 5, bytes=45_300_000)
    done = experiment(2, "b", state=ExperimentState.COMPLETED, last_event_at=NOW - 90_000)
    going = experiment(3, "c")
    await keep(house, vision, running, done, going)
    await keep(
        house,
        membership(vision, running),
        membership(vision, done),
        membership(vision, going, removing=True),
    )

    page = (await ask("/", identity=ADA)).text

    assert '<a href="boards/vision/">vision</a>' in page
    assert "Sleeping" in page
    assert '2 <span class="adding">1 adding</span>' in page
    assert "2 hours ago" in page
    assert "45 MB" in page
    assert "1 day ago" in page
    assert 'href="ui/account">ada</a> <span class="quiet">admin</span>' in page


async def test_a_stopped_board_is_paused(house: Any, ask: Any) -> None:
    await keep(house, board(1, "vision", paused=True))

    assert "Paused" in (await ask("/", identity=ADA)).text


async def test_boards_that_a_member_may_not_see_are_not_listed(house: Any, ask: Any) -> None:
    secret = {"access": Access.PASSWORD, "username": "u", "password_hash": "x"}
    await keep(house, board(1, "shared"), board(2, "private-things", **secret))

    page = (await ask("/", identity=SignedIn("grace", Role.VIEWER))).text

    assert "shared" in page
    assert "private-things" not in page


async def test_an_experiment_tells_what_is_wrong_with_it(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "a", problem="its directory is missing"))

    assert "its directory is missing" in (await ask("/", identity=ADA)).text


async def test_only_the_newest_fifty_experiments_are_shown_and_all_are_counted(
    house: Any, ask: Any
) -> None:
    await keep(house, *(experiment(n, f"run-{n:03}", last_event_at=NOW - n) for n in range(60)))

    page = (await ask("/", identity=ADA)).text

    assert "run-049" in page
    assert "run-050" not in page
    assert "The 50 with the newest events" in page
    assert '<span class="count">60</span>' in page


async def test_hostile_names_do_not_break_out(house: Any, ask: Any) -> None:
    await keep(house, experiment(1, "<script>alert(1)</script>", problem="<img src=x>"))

    page = (await ask("/", identity=ADA)).text

    assert "<script" not in page
    assert "<img src=x>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("identity", "reader"), [(LocalOperator(0), "local operator"), (None, None)]
)
async def test_the_page_says_whom_it_takes_the_reader_for(
    ask: Any, identity: Any, reader: str | None
) -> None:
    page = (await ask("/", identity=identity)).text

    assert ("ui/account" in page) == (reader is not None)
    assert reader is None or reader in page


async def test_others_get_their_turns_while_a_long_page_is_made(
    house: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(house, *(board(number, f"board-{number}") for number in range(20)))
    monkeypatch.setattr(home, "_TURN", 0.0)
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.ensure_future(take_turns())
    page = (await ask("/", identity=ADA)).text
    others.cancel()

    assert "board-19" in page
    assert turns >= 20
