"""One board's link tree, and how long TensorBoard is asked about it."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scripted_server import Script, over_unix

from tbgateway import linktree
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import BoardId
from tbgateway.supervisor.board_links import BoardLinks
from tbgateway.upstream import Upstream

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


@pytest.fixture
async def links(house: "House") -> BoardLinks:
    """The links of a board about which the house's own supervisor does nothing."""
    house.launcher.unreachable = True
    return BoardLinks(BOARD, house.means)


@pytest.fixture
async def tensorboard() -> AsyncIterator[tuple[Upstream, Script]]:
    script = Script()
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        path = Path(directory) / "board"
        with over_unix(script, path):
            upstream = Upstream(path)
            yield upstream, script
            await upstream.close()


def put_in_the_way(directory: Path) -> None:
    """Make a directory with a file, although the house's supervisor removes empty ones.

    It reconciles the tree in a thread of its own: a directory may be gone before its file is there.
    """
    for _ in range(1000):
        directory.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            (directory / "file").touch()
            return
    raise AssertionError(f"{directory} was removed each time")


def names(house: "House") -> list[str]:
    return [
        house.store.experiments[one.experiment_id].name for one in house.store.memberships_of(BOARD)
    ]


async def test_the_tree_is_brought_to_what_the_records_say(
    house: "House", links: BoardLinks
) -> None:
    assert links.due()
    assert not await links.sync()
    assert not links.due()
    await house.show("a")
    await house.show("evil", problem="no")
    assert await links.sync()
    assert not await links.sync()
    assert list(house.links) == ["a"]
    assert list(links.problems.values()) == ["no"]


async def test_what_somebody_did_to_the_tree_is_repaired(house: "House", links: BoardLinks) -> None:
    await house.show("a")
    await links.sync()
    tree = house.layout.tree(BOARD)
    (tree / "a").unlink()
    (tree / "foreign").symlink_to("/etc")
    assert not await links.sync()  # the plan is the same
    assert list(house.links) == ["a"]


async def test_tensorboard_is_asked_soon_until_all_is_visible_and_then_no_more(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    for name in ("a", "b"):
        await house.show(name)
    await links.sync()
    assert links.visible is None
    script.says([], ["a"], ["a", "b/train"])
    seen = []
    for _ in range(2):
        again = await links.follow(upstream)
        assert again is not None
        assert again < 1
        seen.append(len(links.visible or ()))
    assert await links.follow(upstream) is None
    assert [*seen, len(links.visible or ())] == [0, 1, 2]
    assert await links.follow(upstream) is None
    assert len(script.asked) == 3


async def test_a_board_without_experiments_is_asked_once(
    links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    script.says([])
    await links.sync()
    assert await links.follow(upstream) is None
    assert links.visible == frozenset()
    assert await links.follow(upstream) is None
    assert len(script.asked) == 1


async def test_an_experiment_without_readable_events_is_asked_about_seldom_after_a_while(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    script.says([])
    await house.show("empty")
    await links.sync()
    soon = await links.follow(upstream)
    house.clock.ahead += 20
    later = await links.follow(upstream)
    assert soon is not None
    assert later is not None
    assert later > soon
    assert not links.stuck


async def test_an_answer_that_says_nothing_changes_nothing(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    await house.show("a")
    await house.show("b")
    await links.sync()
    script.says(["a", "b"])
    await links.follow(upstream)
    await house.take_away("b")
    await links.sync()
    script.status = 500
    assert await links.follow(upstream) is not None
    assert len(links.visible or ()) == 2
    assert names(house) == ["a", "b"]


async def test_a_removed_experiment_is_gone_when_tensorboard_says_so(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    for name in ("a", "b"):
        await house.show(name)
    script.says(["a", "b"], ["a", "b"], ["b"])
    await links.sync()
    assert await links.follow(upstream) is None
    await house.take_away("a")
    assert await links.sync()
    assert await links.follow(upstream) is not None
    assert names(house) == ["a", "b"]
    assert await links.follow(upstream) is None
    assert names(house) == ["b"]


async def test_what_a_problem_keeps_from_its_board_is_asked_about_until_it_is_gone(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    for name in ("a", "b"):
        await house.show(name)
    await links.sync()
    script.says(["a", "b"], ["a", "b"], ["a", "b"], ["b"])
    assert await links.follow(upstream) is None
    (experiment,) = house.store.experiments_named("a")
    async with house.store.transaction() as tx:
        tx.put(replace(experiment, problem="no"))
    house.supervisor.wake(BOARD)
    assert await links.sync()
    assert list(house.links) == ["b"]
    assert await links.follow(upstream) is not None
    assert not links.stuck
    house.clock.ahead += 20
    assert await links.follow(upstream) is not None
    assert links.stuck
    assert await links.follow(upstream) is None
    assert not links.stuck
    assert len(script.asked) == 4
    assert names(house) == ["a", "b"], "it is on the board still"


async def test_what_came_back_meanwhile_is_not_dropped(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    await house.show("a")
    await house.take_away("a")
    await links.sync()
    (membership,) = house.store.memberships_of(BOARD)
    async with house.store.transaction() as tx:
        tx.put(replace(membership, removing=False))
    script.says([])
    await links.follow(upstream)
    await links.finish_unseen()
    assert names(house) == ["a"]


async def test_removed_runs_that_stay_listed_are_stuck_until_a_new_process_is_asked(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    await house.show("a")
    await house.take_away("a")
    script.says(["a"])
    await links.sync()
    await links.follow(upstream)
    assert not links.stuck
    house.clock.ahead += 20
    await links.follow(upstream)
    assert links.stuck
    links.reopen()
    assert links.visible is None
    assert not links.stuck


async def test_without_a_process_removals_are_finished_at_once(
    house: "House", links: BoardLinks
) -> None:
    for name in ("a", "b"):
        await house.show(name)
    await house.take_away("a")
    await links.sync()
    await links.finish_unseen()
    assert names(house) == ["b"]
    assert links.visible is None
    await links.finish_unseen()
    assert names(house) == ["b"]


async def test_what_the_disk_refuses_is_a_problem_of_its_experiment_and_tried_again(
    house: "House", links: BoardLinks
) -> None:
    await house.show("project/a")
    await house.show("b")
    in_the_way = house.layout.tree(BOARD) / "project" / "a"
    put_in_the_way(in_the_way)
    assert await links.sync()
    assert list(house.links) == ["b"]
    (problem,) = links.problems.values()
    assert "move them away" in problem
    assert not links.due()
    assert links.due_at is not None

    (in_the_way / "file").unlink()
    house.clock.ahead += 10
    assert links.due()
    await links.sync()
    assert sorted(house.links) == ["b", "project/a"]
    assert links.problems == {}
    assert links.due_at is None


async def test_a_supervisor_tries_again_by_itself_what_the_disk_refused(house: "House") -> None:
    in_the_way = house.layout.tree(BOARD) / "a"
    put_in_the_way(in_the_way)
    await house.show("a")
    await house.until(lambda: len(house.status.problems) == 1)
    (in_the_way / "file").unlink()
    await house.until(lambda: list(house.links) == ["a"])
    assert house.status.problems == {}


async def test_a_board_that_does_not_answer_keeps_nobody_waiting(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    await house.show("a")
    await links.sync()
    script.says(["a"])
    script.go_on.clear()
    async with asyncio.timeout(5):  # it is given ten seconds to answer
        assert await links.follow(upstream) is not None
        assert await links.follow(upstream) is not None
    assert links.visible is None
    script.go_on.set()
    while await links.follow(upstream) is not None:
        await asyncio.sleep(0.01)
    assert len(links.visible or ()) == 1
    assert len(script.asked) == 1


async def test_what_is_answered_to_an_old_question_tells_nothing_of_a_new_plan(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    await house.show("a")
    await links.sync()
    script.says([])
    script.go_on.clear()
    await links.follow(upstream)
    await house.take_away("a")
    await links.sync()
    script.go_on.set()
    async with asyncio.timeout(10):
        while names(house):
            await asyncio.sleep(0.01)
            await links.follow(upstream)
    assert len(script.asked) == 2


async def test_what_is_to_be_read_anew_is_out_until_it_is_listed_no_more(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    for name in ("a", "b"):
        await house.show(name)
    await links.sync()
    script.says(["a", "b"], ["a", "b"], ["b"], ["a", "b"])
    await links.follow(upstream)
    (experiment,) = house.store.experiments_named("a")
    assert links.reload({experiment.id})
    assert links.due()
    assert not await links.sync()
    assert list(house.links) == ["b"]
    assert not links.due()
    for out in (True, False):
        again = await links.follow(upstream)
        assert again is not None
        assert again < 1
        assert links.due() is not out
    assert not await links.sync()
    assert sorted(house.links) == ["a", "b"]
    assert await links.follow(upstream) is None
    assert len(links.visible or ()) == 2


async def test_what_is_not_on_the_board_is_not_read_anew(house: "House", links: BoardLinks) -> None:
    await house.show("a")
    await house.show("evil", problem="no")
    await links.sync()
    (evil,) = house.store.experiments_named("evil")
    assert not links.reload({evil.id})
    assert not links.due()


async def test_a_sync_that_breaks_off_is_done_again(
    house: "House", links: BoardLinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    await links.sync()
    await house.show("a")
    links.mark_due()
    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "to_thread", no_thread)
        with pytest.raises(RuntimeError):
            await links.sync()
    assert links.due()
    assert await links.sync()  # that the plan is another one was not told yet
    assert list(house.links) == ["a"]
    assert not links.due()


async def test_what_is_added_while_a_removal_ends_is_asked_about_soon(
    house: "House", links: BoardLinks, tensorboard: tuple[Upstream, Script]
) -> None:
    upstream, script = tensorboard
    await house.show("a")
    script.says(["a"], [], [])
    await links.sync()
    await links.follow(upstream)
    await house.take_away("a")
    await links.sync()
    house.clock.ahead += 20  # it is asked seldom by now
    await house.show("b")
    links.mark_due()
    await links.follow(upstream)  # "a" is gone, and "b" not linked yet
    assert names(house) == ["b"]
    assert await links.sync()
    again = await links.follow(upstream)
    assert again is not None
    assert again < 1


async def test_files_are_known_before_a_process_can_read_them(
    house: "House", links: BoardLinks
) -> None:
    await house.show("a")
    await links.sync()
    await house.show("b")
    root = house.means.roots["runs"]
    known = {one.name: root._rota.knows(one.id, one.path) for one in experiments(house)}
    assert known == {"a": False, "b": False}

    def make_true(*arguments: object) -> object:
        assert all(root._rota.knows(one.id, one.path) for one in experiments(house))
        return reconcile(*arguments)  # type: ignore[arg-type] # they are passed on

    reconcile = linktree.reconcile
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linktree, "reconcile", make_true)
        await links.sync(read=True)
    assert sorted(house.links) == ["a", "b"]


def experiments(house: "House") -> list[Experiment]:
    return list(house.store.experiments.values())
