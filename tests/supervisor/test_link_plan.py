"""What a board's tree should hold, worked out from the records."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.supervisor.link_plan import LinkPlan, display_name, plan_links, refusals

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


def plan(house: "House") -> LinkPlan:
    return plan_links(house.store, BOARD)


async def test_every_experiment_has_a_link_by_its_name_to_its_directory(house: "House") -> None:
    await house.show("a, b")
    await house.show("project/run")
    made = plan(house)
    assert list(made.links.values()) == ["a, b", "project/run"]
    assert made.targets == {
        "a, b": str(house.home / "runs" / "a, b"),
        "project/run": str(house.home / "runs" / "project" / "run"),
    }
    assert (made.leaving, made.problems) == ({}, {})


async def test_a_board_that_shows_nothing_or_is_gone_has_an_empty_plan(house: "House") -> None:
    empty = LinkPlan({}, {}, {}, {})
    assert plan(house) == plan_links(house.store, BoardId("tb0000000000")) == empty


async def test_what_leaves_has_no_link_and_what_has_a_problem_neither(house: "House") -> None:
    for name, problem in (("stays", None), ("leaves", None), ("evil", "a link leaves its root")):
        await house.show(name, problem=problem)
    (membership,) = [
        one
        for one in house.store.memberships_of(BOARD)
        if house.store.experiments[one.experiment_id].name == "leaves"
    ]
    house.launcher.unreachable = True  # the supervisor finishes no removal meanwhile
    await house.take_away("leaves")
    made = plan(house)
    assert list(made.targets) == ["stays"]
    assert made.leaving == {membership.experiment_id: "leaves"}
    assert list(made.problems.values()) == ["a link leaves its root"]


async def test_a_name_of_two_roots_carries_its_root_also_if_one_is_on_no_board(
    house: "House",
) -> None:
    await house.show("baseline", root="alice")
    await house.show("other", root="alice")
    assert list(plan(house).targets) == ["baseline", "other"]
    await house.show("baseline", root="bob")
    await house.take_away("baseline", root="bob")
    await house.until(lambda: len(house.store.memberships_of(BOARD)) == 2)
    assert list(plan(house).targets) == ["alice:baseline", "other"]
    named = {display_name(house.store, one) for one in house.store.experiments.values()}
    assert named == {"alice:baseline", "bob:baseline", "other"}


@pytest.mark.parametrize(
    ("names", "linked", "problem"),
    [
        (["a", "a/b"], ["a"], "'a/b' would lie inside 'a'"),
        (["a/b", "a"], ["a/b"], "'a/b' would lie inside 'a'"),
        (["a/b/c", "x", "a"], ["a/b/c", "x"], "'a/b/c' would lie inside 'a'"),
        (["a", "x", "a/b/c/d"], ["a", "x"], "'a/b/c/d' would lie inside 'a'"),
    ],
)
async def test_of_two_names_that_shadow_each_other_the_earlier_stays(
    house: "House", names: list[str], linked: list[str], problem: str
) -> None:
    for name in names:
        await house.show(name)
    made = plan(house)
    assert list(made.targets) == linked
    assert list(made.problems.values()) == [problem]


async def test_names_that_only_begin_alike_shadow_nothing(house: "House") -> None:
    names = ["a", "a b", "a-b/c", "a-b/d", "ab/c"]
    for name in names:
        await house.show(name)
    assert list(plan(house).targets) == names


async def test_two_experiments_shown_by_one_name_are_told_apart_by_the_earlier_one(
    house: "House",
) -> None:
    await house.show("x:a", root="runs")
    await house.show("a", root="x")
    await house.show("a", root="y")
    made = plan(house)
    assert list(made.targets) == ["x:a", "y:a"]
    assert list(made.problems.values()) == ["'x:a' would lie inside 'x:a'"]


async def test_a_name_too_long_with_its_root_is_left_out_and_the_board_works(
    house: "House",
) -> None:
    await house.show("x" * 255, root="alice")
    await house.show("good")
    assert len(plan(house).targets) == 2
    await house.show("x" * 255, root="bob")
    assert list(plan(house).targets) == ["good"]
    assert all("longer than 255 bytes" in one for one in plan(house).problems.values())
    await house.supervisor.upstream(BOARD)
    await house.until(lambda: list(house.links) == ["good"])
    assert len(house.status.problems) == 2


def test_what_was_refused_is_told_of_the_experiments_it_befell(tmp_path: Path) -> None:
    good, bad, below, leaving, left = (ExperimentId(name) for name in "abcde")
    plan = LinkPlan(
        links={good: "good", bad: "bad", below: "project/x"},
        targets={"good": "/data/good", "bad": "/data/bad", "project/x": "/data/x"},
        leaving={leaving: "leaving", left: "left"},
        problems={},
    )
    (tmp_path / "good").symlink_to("/data/good")
    (tmp_path / "bad").symlink_to("/data/other")
    (tmp_path / "leaving").symlink_to("/data/leaving")
    problems = ("'tree' no", "'project' no", "'bad' no")

    assert refusals(tmp_path, plan, problems) == {
        bad: "'bad' no",
        below: "'project' no",
        leaving: "'tree' no",
    }
    assert refusals(tmp_path, plan, ()) == {}
