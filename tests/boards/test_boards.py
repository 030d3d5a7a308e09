"""What may be done to the experiments of a board, and what becomes of it."""

import asyncio
from collections.abc import Callable

import pytest
from house import ADA, CHIEF, House, snapshot

from tbgateway.boards import Entry
from tbgateway.domain.errors import (
    AmbiguousNameError,
    InvalidInputError,
    NamesShadowError,
    NameTakenError,
    NotFoundError,
)
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board, Experiment
from tbgateway.domain.names import ExperimentId


async def board_with(house: House, *experiments: str) -> Board:
    await house.find(*experiments)
    return await house.boards.create(ADA, "vision", experiments, Entry())


async def test_a_board_is_made_with_its_experiments_in_the_order_given(house: House) -> None:
    await house.find("a", "b", "c")
    board = await house.boards.create(ADA, "vision", ["c", "a"], Entry())
    assert (board.owner, board.access) == ("ada", Access.MEMBERS)
    assert board.created_at <= house.clock.wall()
    assert [view.name for view in house.boards.memberships(board)] == ["c", "a"]
    board = await house.boards.change_experiments(ADA, "vision", add=["b", "c"])
    assert [view.name for view in house.boards.memberships(board)] == ["c", "a", "b"]
    await house.wait_for(board.id, lambda: len(house.links_of(board.id)) == 3)
    assert house.links_of(board.id)["b"] == str(house.home / "runs" / "b")


async def test_adding_what_is_there_and_removing_what_is_not_changes_nothing(house: House) -> None:
    await board_with(house, "a")
    await house.find("b")
    before = snapshot(house.store)
    await house.boards.change_experiments(ADA, "vision", add=["a", "a"])
    await house.boards.change_experiments(ADA, "vision", remove=["b", "b"])
    await house.boards.change_experiments(ADA, "vision")
    assert snapshot(house.store) == before


async def test_a_board_is_not_made_by_half(house: House) -> None:
    await house.find("a")
    house.write("unscanned")
    before = snapshot(house.store)
    outside = house.home / "elsewhere"
    outside.mkdir()
    path = str(house.home / "runs" / "unscanned")
    for experiments, refusal in (
        (["a", "none"], NotFoundError),
        ([path, "none"], NotFoundError),
        (["a", "ex0123456789"], NotFoundError),
        (["a", str(outside)], InvalidInputError),
    ):
        with pytest.raises(refusal):
            await house.boards.create(ADA, "vision", experiments, Entry())
    assert house.store.boards == before["boards"]
    assert not house.store.memberships
    assert not await house.launcher.observe()


async def test_one_unknown_experiment_changes_nothing_of_a_board(house: House) -> None:
    board = await board_with(house, "a", "b")
    await house.find("c")
    before = snapshot(house.store)
    for add, remove in (
        (["c", "none"], ["a"]),
        (["c"], ["a", "none"]),
        ([], [str(house.home / "x")]),
    ):
        with pytest.raises(NotFoundError, match="There is no experiment") as refused:
            await house.boards.change_experiments(ADA, "vision", add=add, remove=remove)
        assert "experiment" in refused.value.command
    assert snapshot(house.store) == before
    assert sorted(house.shown(board)) == ["a", "b"]


async def test_a_refused_board_registers_nothing_on_the_way(house: House) -> None:
    await house.find("a")
    path = str(house.write("a/nested"))
    for refs, kind in (([path, "none"], NotFoundError), ([path, "a"], NamesShadowError)):
        with pytest.raises(kind):
            await house.boards.create(ADA, "vision", refs, Entry())
    assert [one.name for one in house.experiments.list()] == ["a"]
    assert house.boards.list(ADA) == ()


async def test_a_refused_change_registers_nothing_on_the_way(house: House) -> None:
    await board_with(house, "a")
    path = str(house.write("a/nested"))
    before = snapshot(house.store)
    for change in ({"add": [path]}, {"add": [path], "remove": ["none"]}):
        with pytest.raises((NamesShadowError, NotFoundError)):
            await house.boards.change_experiments(ADA, "vision", **change)
    assert snapshot(house.store) == before


async def test_names_are_compared_as_they_will_be_seen(house: House) -> None:
    """Two of one name in two roots are told apart: they do not stand in each other's way."""
    paths = [str(house.write("a", root=root)) for root in ("runs", "team")]
    board = await house.boards.create(ADA, "vision", paths, Entry())
    assert sorted(house.shown(board)) == ["runs:a", "team:a"]


async def test_a_path_is_registered_on_the_way_and_known_by_any_of_its_names(house: House) -> None:
    path = house.write("new, one")
    (house.home / "runs" / "alias").symlink_to(path)
    board = await house.boards.create(ADA, "vision", [str(path), f"{path}/"], Entry())
    await house.boards.change_experiments(
        ADA, "vision", add=["new, one", "runs:new, one", str(house.home / "runs" / "alias")]
    )
    assert house.shown(board) == {"new, one": "adding"}
    assert len(house.store.experiments) == 1


async def test_an_experiment_cannot_be_put_and_taken_at_once(house: House) -> None:
    await board_with(house, "a")
    await house.find("b")
    before = snapshot(house.store)
    for name in ("a", "b"):
        with pytest.raises(InvalidInputError, match=f"'{name}' is to be added and removed"):
            await house.boards.change_experiments(ADA, "vision", add=[name], remove=[name])
    assert snapshot(house.store) == before


async def test_a_removed_experiment_comes_back_while_it_is_still_leaving(house: House) -> None:
    board = await board_with(house, "a", "b")
    assert await house.boards.wait(board, "visible", seconds=30)
    house.launcher.unreachable = True  # the supervisor can do nothing meanwhile
    await house.boards.change_experiments(ADA, "vision", remove=["a"])
    assert house.shown(board) == {"a": "removing", "b": "adding"}
    await house.boards.change_experiments(ADA, "vision", remove=["a"])
    await house.boards.change_experiments(ADA, "vision", add=["a"])
    assert house.shown(board) == {"b": "adding", "a": "adding"}
    house.launcher.unreachable = False
    assert await house.boards.wait(board, "visible", seconds=30)
    assert sorted(house.links_of(board.id)) == ["a", "b"]


async def test_a_removed_experiment_comes_back_after_it_is_gone(house: House) -> None:
    board = await board_with(house, "a", "b")
    assert await house.boards.wait(board, "visible", seconds=30)
    await house.boards.change_experiments(ADA, "vision", remove=["a"])
    await house.wait_for(board.id, lambda: house.shown(board) == {"b": "adding"})
    await house.boards.change_experiments(ADA, "vision", add=["a"])
    assert await house.boards.wait(board, "visible", seconds=30)
    assert house.shown(board) == {"b": "adding", "a": "adding"}


async def test_names_that_shadow_each_other_are_refused_and_nothing_changes(house: House) -> None:
    board = await board_with(house, "a")
    await house.experiments.register(str(house.write("a/inner")))
    before = snapshot(house.store)
    with pytest.raises(NamesShadowError, match="'a/inner' would lie inside 'a'") as refused:
        await house.boards.change_experiments(ADA, "vision", add=["a/inner"])
    assert "--name" in refused.value.command
    with pytest.raises(NamesShadowError):
        await house.boards.create(ADA, "both", ["a/inner", "a"], Entry())
    assert snapshot(house.store) == before
    assert house.shown(board) == {"a": "adding"}


@pytest.mark.parametrize(("first", "then"), [("a", "a/inner"), ("a/inner", "a")])
async def test_an_experiment_makes_way_for_one_that_it_would_shadow(
    house: House, first: str, then: str
) -> None:
    await house.find("a")
    await house.experiments.register(str(house.write("a/inner")))
    board = await house.boards.create(ADA, "vision", [first], Entry())
    assert await house.boards.wait(board, "visible", seconds=30)
    await house.boards.change_experiments(ADA, "vision", add=[then], remove=[first])
    await house.wait_for(board.id, lambda: house.shown(board) == {then: "adding"})
    assert await house.boards.wait(board, "visible", seconds=30)
    assert house.boards.status(board).generation == 1


async def test_a_name_that_two_roots_have_is_refused_without_its_root(house: House) -> None:
    await house.find("baseline")
    board = await house.boards.create(ADA, "vision", ["baseline"], Entry())
    await house.find("baseline", root="team")
    with pytest.raises(AmbiguousNameError) as refused:
        await house.boards.change_experiments(ADA, "vision", add=["baseline"])
    assert refused.value.hint == "Use one of: runs:baseline, team:baseline"
    await house.boards.change_experiments(ADA, "vision", add=["team:baseline"])
    assert house.shown(board) == {"runs:baseline": "adding", "team:baseline": "adding"}
    await house.wait_for(
        board.id, lambda: sorted(house.links_of(board.id)) == ["runs:baseline", "team:baseline"]
    )


async def test_a_stopped_board_is_paused_at_once_and_a_started_one_is_not(house: House) -> None:
    board = await board_with(house, "a")
    await house.boards.pause(ADA, "vision")
    assert house.boards.status(board).state is BoardState.PAUSED
    await house.boards.start(ADA, "vision")
    assert house.boards.status(board).state is not BoardState.PAUSED
    assert await house.boards.wait(board, "visible", seconds=30)
    await house.boards.pause(ADA, "vision")
    await house.wait_for(board.id, lambda: house.boards.status(board).state is BoardState.PAUSED)
    assert not await house.launcher.observe()
    await house.boards.start(ADA, "vision")
    assert await house.boards.wait(board, "visible", seconds=30)


async def test_a_board_changes_while_it_is_stopped(house: House) -> None:
    board = await board_with(house, "a")
    await house.boards.pause(ADA, "vision")
    await house.find("b")
    await house.boards.change_experiments(ADA, "vision", add=["b"], remove=["a"])
    await house.wait_for(board.id, lambda: house.shown(board) == {"b": "adding"})
    assert list(house.links_of(board.id)) == ["b"]
    assert house.boards.status(board).state is BoardState.PAUSED


async def test_a_deleted_board_leaves_no_link_no_process_and_every_event_file(
    house: House,
) -> None:
    board = await board_with(house, "a")
    assert await house.boards.wait(board, "visible", seconds=30)
    await house.boards.delete(ADA, "vision")
    await house.wait_for(board.id, lambda: not house.layout.board(board.id).exists())
    assert not await house.launcher.observe()
    assert not house.store.memberships
    assert any((house.home / "runs" / "a").iterdir())
    with pytest.raises(NotFoundError):
        await house.boards.delete(ADA, "vision")


async def test_a_board_that_is_deleted_while_it_starts_is_gone_as_well(house: House) -> None:
    board = await board_with(house, "a")
    house.launcher.hold = True
    await house.boards.start(ADA, "vision")
    await house.wait_for(board.id, lambda: house.boards.status(board).state is BoardState.STARTING)
    await house.boards.delete(CHIEF, "vision")
    await house.wait_for(board.id, lambda: not house.layout.board(board.id).exists())
    assert not await house.launcher.observe()


async def test_the_log_is_what_the_boards_process_wrote(house: House) -> None:
    board = await board_with(house, "a")
    assert await house.boards.log(ADA, "vision", 10) == ""
    assert await house.boards.wait(board, "visible", seconds=30)
    for number in range(3):
        house.launcher.say(house.launch_of(board.id), f"line {number}")
    assert await house.boards.log(ADA, "vision", 2) == "line 1\nline 2"


async def test_two_boards_asked_for_at_once_do_not_get_one_name(house: House) -> None:
    await board_with(house)
    with pytest.raises(NameTakenError):
        await house.boards.create(ADA, "vision", [], Entry())


async def test_a_board_can_start_as_soon_as_it_is_made(house: House) -> None:
    await house.find("a")

    board = await house.boards.create(ADA, "vision", ["a"], Entry(), start=True)

    await house.wait_for(board.id, lambda: house.boards.status(board).state is BoardState.RUNNING)


async def test_a_part_of_the_memberships_is_seen_as_all_of_them_are(house: House) -> None:
    board = await board_with(house, "a", "b", "c")
    records = house.boards.membership_records(board)

    assert len(records) == 3
    assert house.boards.views(board, records[1:]) == house.boards.memberships(board)[1:]


async def test_memberships_whose_experiments_were_forgotten_meanwhile_are_left_out(
    house: House,
) -> None:
    board = await board_with(house, "a", "b")
    records = house.boards.membership_records(board)
    async with house.store.transaction() as tx:
        tx.drop(records[0], house.store.experiments[records[0].experiment_id])

    assert [view.name for view in house.boards.views(board, records)] == ["b"]


async def test_others_get_their_turns_while_a_large_board_is_made_and_see_no_half_of_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = 2500
    ids = [ExperimentId(f"ex{one:010x}") for one in range(number)]
    async with house.store.transaction() as tx:
        for one in ids:
            there = str(house.home / "runs" / one)
            tx.put(Experiment(id=one, root="runs", name=one, path=there, created_at=0.0))
    turns = 0
    seen = set()
    steps = []

    async def look_on() -> None:
        nonlocal turns
        while len(house.store.memberships) < number:
            seen.add((len(house.store.boards), len(house.store.memberships)))
            turns += 1
            await asyncio.sleep(0)

    for name in ("enlist", "names_together"):
        step = getattr(house.experiments, name)

        def noted(*given: object, step: Callable[..., object] = step) -> object:
            steps.append(turns)
            return step(*given)

        monkeypatch.setattr(house.experiments, name, noted)
    async with asyncio.TaskGroup() as together:
        together.create_task(look_on())
        together.create_task(house.boards.create(ADA, "large", ids, Entry()))

    enlisted, named = steps
    assert enlisted >= 2
    assert named > enlisted
    assert seen == {(0, 0)}
