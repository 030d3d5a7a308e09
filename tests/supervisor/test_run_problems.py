"""What a process says of single runs, told of experiments, and remembered."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.run_problems import RunProblems, problems_by_experiment

if TYPE_CHECKING:
    from conftest import House

BOARD, OTHER = BoardId("tb0000000001"), BoardId("tb0000000002")
A, B, C = (ExperimentId(f"ex000000000{letter}") for letter in "abc")
LINKS = {A: "vision", B: "vision-2", C: "project/run"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, {}),
        ({"vision": "no file"}, {A: "no file"}),
        ({"vision/train": "no file"}, {A: "train: no file"}),
        ({"vision-2/a/b": "no file"}, {B: "a/b: no file"}),
        ({"project/run/x": "no file"}, {C: "x: no file"}),
        ({"project": "no file", "visio": "no file", ".": "no file"}, {}),
        (
            {"vision/b": "two", "vision/a": "one", "vision/c": "three"},
            {A: "a: one (and 2 more of its runs)"},
        ),
    ],
)
def test_a_run_belongs_to_the_experiment_whose_link_it_lies_behind(
    said: dict[str, str], told: dict[ExperimentId, str]
) -> None:
    assert problems_by_experiment(LINKS, said) == told


def test_the_last_words_about_each_board_are_remembered() -> None:
    known = RunProblems()
    known.learn(BOARD, {A: "one", B: "two"})
    known.learn(OTHER, {A: "three"})
    known.keep_only(BOARD, {A: "vision"})
    assert (known.of(BOARD), known.of(OTHER)) == ({A: "one"}, {A: "three"})
    known.learn(BOARD, {})
    assert known.of(BOARD) == {}


def told(house: "House") -> dict[str, str]:
    """Return the problems of the board's experiments by their names."""
    problems = house.status.problems
    return {house.store.experiments[one].name: why for one, why in problems.items()}


def say(house: "House", problems: dict[str, str]) -> None:
    """Have the running board say what is wrong with its runs."""
    for run, why in problems.items():
        house.launcher.trouble(house.launch, run, why)


async def test_a_problem_of_a_run_is_its_experiments_and_hides_nothing(house: "House") -> None:
    for name in ("a", "b"):
        await house.show(name)
    await house.supervisor.upstream(BOARD)
    say(house, {"a/train": "its projector has no tensors"})
    await house.until(lambda: told(house) == {"a": "train: its projector has no tensors"})
    await house.until(lambda: len(house.status.visible or ()) == 2)
    views = house.boards.memberships(house.store.boards[BOARD])
    assert [(view.name, view.visible, view.problem) for view in views] == [
        ("a", True, "train: its projector has no tensors"),
        ("b", True, None),
    ]


async def test_a_problem_is_remembered_while_the_board_sleeps_until_the_next_process(
    house: "House",
) -> None:
    await house.show("a")
    await house.supervisor.upstream(BOARD)
    say(house, {"a": "no tensors"})
    await house.until(lambda: told(house) == {"a": "no tensors"})
    house.clock.ahead += house.settings.idle_timeout + 1
    house.supervisor.wake(BOARD)
    await house.until_state(BoardState.SLEEPING)
    await house.until(lambda: repr(house.supervisor).startswith("<Supervisor awake=0 "))
    assert told(house) == {"a": "no tensors"}
    house.launcher.hold = True
    waiting = asyncio.ensure_future(house.supervisor.upstream(BOARD))
    await house.until_state(BoardState.STARTING)
    assert told(house) == {"a": "no tensors"}
    await house.until(lambda: house.status.reason == "held")
    await house.launcher.release(house.launch)
    await waiting
    assert told(house) == {}


async def test_a_problem_leaves_with_its_experiment_and_does_not_come_back(
    house: "House",
) -> None:
    for name in ("a", "b"):
        await house.show(name)
    await house.supervisor.upstream(BOARD)
    say(house, {"a": "no tensors", "b": "no tensors"})
    await house.until(lambda: len(told(house)) == 2)
    house.clock.ahead += house.settings.idle_timeout + 1
    house.supervisor.wake(BOARD)
    await house.until_state(BoardState.SLEEPING)
    await house.take_away("a")
    await house.until(lambda: len(house.store.memberships_of(BOARD)) == 1)
    (experiment,) = house.store.experiments_named("a")
    (kept,) = house.store.memberships_of(BOARD)
    async with house.store.transaction() as tx:
        tx.put(replace(kept, experiment_id=experiment.id))
    house.supervisor.wake(BOARD)
    await house.until(lambda: sorted(house.links) == ["a", "b"])
    assert told(house) == {"b": "no tensors"}


async def test_a_deleted_boards_problems_are_forgotten(house: "House") -> None:
    await house.show("a")
    await house.supervisor.upstream(BOARD)
    say(house, {"a": "no tensors"})
    await house.until(lambda: told(house) == {"a": "no tensors"})
    house.clock.ahead += house.settings.idle_timeout + 1
    house.supervisor.wake(BOARD)
    await house.until(lambda: repr(house.supervisor).startswith("<Supervisor awake=0 "))
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    house.supervisor.wake(BOARD)
    await house.until(lambda: not house.layout.board(BOARD).exists())
    assert house.means.run_problems.of(BOARD) == {}


async def test_what_keeps_an_experiment_out_is_told_before_what_is_wrong_with_its_runs(
    house: "House",
) -> None:
    await house.show("a")
    await house.supervisor.upstream(BOARD)
    say(house, {"a": "no tensors"})
    await house.until(lambda: told(house) == {"a": "no tensors"})
    (experiment,) = house.store.experiments.values()
    async with house.store.transaction() as tx:
        tx.put(replace(experiment, problem="its directory is missing"))
    house.supervisor.wake(BOARD)
    await house.until(lambda: house.links == {})
    assert told(house) == {"a": "its directory is missing"}


async def test_who_waits_for_an_experiment_waits_until_it_is_seen_whatever_is_wrong_with_its_runs(
    house: "House",
) -> None:
    await house.show("a")
    await house.supervisor.upstream(BOARD)
    say(house, {"a": "no tensors"})
    await house.until(lambda: told(house) == {"a": "no tensors"})
    board = house.store.boards[BOARD]
    await house.until(lambda: house.boards.memberships(board)[0].visible is True)
    assert house.boards.memberships(board)[0].settled
    house.launcher.hang(house.launch)
    house.supervisor._reconcilers[BOARD].links.reopen()
    (view,) = house.boards.memberships(board)
    assert (view.visible, view.problem, view.settled) == (None, "no tensors", False)
