"""Making a directory an experiment by its path."""

import asyncio
import os
from pathlib import Path

import pytest
from house import ADA, House, snapshot

from tbgateway import discovery
from tbgateway.boards import Entry
from tbgateway.discovery import check_nonce
from tbgateway.domain.description import NONCE_NAME
from tbgateway.domain.errors import (
    ConflictError,
    InvalidInputError,
    NameTakenError,
    NotSharedError,
)
from tbgateway.domain.model import ExperimentState


async def refuse(house: House, path: Path | str, **options: object) -> str:
    before = snapshot(house.store)
    with pytest.raises(InvalidInputError) as refused:
        await house.experiments.register(str(path), **options)  # type: ignore[arg-type] # given by name
    assert snapshot(house.store) == before
    return f"{refused.value.detail} {refused.value.hint} {refused.value.command}"


def empty(house: House, name: str) -> Path:
    directory = house.home / "runs" / name
    directory.mkdir(parents=True)
    return directory


async def test_a_directory_is_named_by_its_place_below_its_root(house: House) -> None:
    for name in ("a", "a/b, c/ü 50%#", "deep/er"):
        made = await house.experiments.register(str(house.write(name)))
        assert (made.root, made.name, made.registered, made.held) == ("runs", name, True, False)
        assert (made.state, made.bytes > 0) == (ExperimentState.RUNNING, True)
    theirs = await house.experiments.register(str(house.write("a", root="team")))
    assert (theirs.root, theirs.name) == ("team", "a")


async def test_a_known_directory_is_returned_as_it_is(house: House) -> None:
    await house.find("a")
    path = str(house.home / "runs" / "a")
    before = snapshot(house.store)
    for way in (path, f"{path}/", f"{path}/../a"):
        assert await house.experiments.register(way) == house.experiments.find("a")
    assert snapshot(house.store) == before


async def test_a_directory_registered_many_times_at_once_is_one_experiment(house: House) -> None:
    path = str(house.write("a/b"))
    made = await asyncio.gather(*(house.experiments.register(path) for _ in range(10)))
    assert len({one.id for one in made}) == 1
    await house.experiments.rescan()
    assert len(house.experiments.list()) == 2  # with `a` itself, whose file it is as well


async def test_a_link_inside_the_roots_stands_for_where_it_leads(house: House) -> None:
    path = house.write("a/deep/run")
    link = house.home / "team" / "link"
    link.symlink_to(path)
    made = await house.experiments.register(str(link))
    assert (made.root, made.name, made.path) == ("runs", "a/deep/run", str(path))


async def test_what_lies_outside_of_the_roots_is_refused_with_the_roots_named(
    house: House,
) -> None:
    outside = house.home / "elsewhere"
    outside.mkdir()
    leaving = house.home / "runs" / "link"
    leaving.symlink_to(outside)
    for path in (outside, leaving, "/etc", house.home, house.home / "runs" / ".." / "elsewhere"):
        for held in (False, True):
            words = await refuse(house, path, held=held)
            assert "lies outside of the logdir roots" in words
            assert f"runs ({house.home / 'runs'})" in words
            assert "may add another" in words


async def test_a_root_is_no_experiment(house: House) -> None:
    for path in (house.home / "runs", f"{house.home / 'runs'}/"):
        assert "is the logdir root 'runs' itself" in await refuse(house, path, held=True)


async def test_what_is_no_directory_is_refused(house: House) -> None:
    file = house.write("a") / "events.out.tfevents.1700000000.host.1.0"
    for path in (file, house.home / "runs" / "missing", file / "below"):
        assert "cannot be read as a directory" in await refuse(house, path)
    assert "is not an absolute path" in await refuse(house, "runs/a")
    assert "not valid UTF-8" in await refuse(house, f"{house.home}/runs/\udcff")


async def test_a_directory_without_events_needs_to_be_held(house: House) -> None:
    path = empty(house, "a")
    words = await refuse(house, path)
    assert "holds no event files" in words
    assert "--running" in words
    made = await house.experiments.register(str(path), held=True)
    assert (made.state, made.held, made.bytes) == (ExperimentState.RUNNING, True, 0)
    await house.experiments.rescan()
    assert house.experiments.find("a") == made


@pytest.mark.parametrize(
    ("kind", "why"),
    [("pipe", "is no regular file"), ("link", "is a link that leaves its logdir root")],
)
async def test_event_files_that_no_board_may_show_are_named(
    house: House, kind: str, why: str
) -> None:
    file = empty(house, "a") / "events.out.tfevents.1700000000.host.1.0"
    if kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/etc/hostname")
    words = await refuse(house, file.parent)
    assert f"'{file.name}' in it" in words
    assert why in words
    assert "--running" not in words


async def test_events_below_the_depth_that_is_searched_do_not_count(house: House) -> None:
    directory = house.write("a/1/2/3/4/5")
    assert "down to 4 levels" in await refuse(house, house.home / "runs" / "a")
    assert await house.experiments.register(str(directory))


async def test_a_held_directory_goes_onto_a_board_by_its_path_before_its_first_event(
    house: House,
) -> None:
    path = empty(house, "a")
    await house.experiments.register(str(path), held=True)
    board = await house.boards.create(ADA, "vision", [str(path)], Entry())
    assert house.shown(board) == {"a": "adding"}
    house.write("a")
    await house.experiments.rescan()
    assert house.experiments.find("a").bytes > 0
    assert house.experiments.find("a").held


async def test_holding_an_experiment_that_was_over_brings_it_back(house: House) -> None:
    await house.find("a", "b")
    await house.experiments.complete("a", by="ada")
    await house.experiments.fail("b", reason="NaN", by="ada")
    for name in ("a", "b"):
        path = str(house.home / "runs" / name)
        again = await house.experiments.register(path, held=True)
        assert (again.state, again.reason, again.held) == (ExperimentState.RUNNING, "", True)
        assert again == await house.experiments.register(path)
    await house.experiments.rescan()
    assert {one.state for one in house.experiments.list()} == {ExperimentState.RUNNING}


async def test_a_name_is_given_and_changed_by_registering(house: House) -> None:
    await house.find("a")
    (experiment,) = house.experiments.list()
    path = experiment.path
    for name in ("project/run, 1", "b", "ü" * 127):
        renamed = await house.experiments.register(path, name=name)
        assert (renamed.id, renamed.name) == (experiment.id, name)
    await house.experiments.rescan()
    assert [one.name for one in house.experiments.list()] == ["ü" * 127]
    assert (await house.experiments.register(path)).name == "ü" * 127


@pytest.mark.parametrize(
    "name", ["", "/", "a/", "/a", "a//b", ".", "a/..", "a\nb", "x" * 256, "ex0123456789"]
)
async def test_a_name_that_cannot_stand_in_a_tree_is_refused(house: House, name: str) -> None:
    await house.find("a")
    for path in (house.home / "runs" / "a", house.write("new")):
        assert "cannot be an experiment's name" in await refuse(house, path, name=name)


async def test_a_name_belongs_to_one_experiment_of_a_root(house: House) -> None:
    await house.find("a", "b")
    before = snapshot(house.store)
    for path in (house.home / "runs" / "b", house.write("b/nested")):
        with pytest.raises(NameTakenError, match="'a' belongs to") as refused:
            await house.experiments.register(str(path), name="a")
        assert "--name" in refused.value.command
    assert snapshot(house.store) == before
    path = house.write("b", root="team")
    assert (await house.experiments.register(str(path), name="a")).root == "team"


async def test_an_experiment_keeps_its_name_while_a_board_shows_it(house: House) -> None:
    """The board may be somebody else's, and its runs would change under their eyes."""
    await house.find("a")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    before = snapshot(house.store)
    with pytest.raises(ConflictError, match="keeps its name") as refused:
        await house.experiments.register(str(house.home / "runs" / "a"), name="b")
    assert refused.value.detail == (
        "The experiment 'a' is on a board: while it is, it keeps its name."
    ), "not on how many: others may be hidden from who asks"
    assert "vision" not in refused.value.detail + refused.value.hint
    assert snapshot(house.store) == before
    assert (await house.experiments.register(str(house.home / "runs" / "a"), name="a")).name == "a"
    await house.boards.change_experiments(ADA, "vision", remove=["a"])
    assert await house.boards.wait(board, "removed", seconds=30)
    await house.experiments.register(str(house.home / "runs" / "a"), name="b")


async def test_a_directory_keeps_a_name_that_nobody_could_give_it(house: House) -> None:
    await house.find("a\u200bb", "c")
    path = str(house.home / "runs" / "a\u200bb")
    assert (await house.experiments.register(path)).name == "a\u200bb"
    assert (await house.experiments.register(path, name="a\u200bb")).name == "a\u200bb"
    for name in ("c\u200b", "\u202ec", " c", "\u3164"):
        with pytest.raises(InvalidInputError, match="cannot be given as"):
            await house.experiments.register(str(house.home / "runs" / "c"), name=name)
        with pytest.raises(InvalidInputError, match="cannot be given as"):
            await house.experiments.register(str(house.write("new")), name=name)
    assert (await house.experiments.register(path, name="ab")).name == "ab"


async def test_a_name_that_becomes_ambiguous_or_single_changes_on_every_board(
    house: House,
) -> None:
    await house.find("a")
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    await house.wait_for(board.id, lambda: list(house.links_of(board.id)) == ["a"])
    path = str(house.write("a", root="team"))
    await house.experiments.register(path)
    await house.wait_for(board.id, lambda: list(house.links_of(board.id)) == ["runs:a"])
    await house.experiments.register(path, name="b")
    await house.wait_for(board.id, lambda: list(house.links_of(board.id)) == ["a"])


# --- by the script that writes it

NONCE = "3f2a9c0d5e7b1846"


async def test_a_script_begins_an_experiment_before_its_first_event(house: House) -> None:
    made = await house.experiments.register(str(empty(house, "a")), name="mine", lease=60.0)
    assert (made.name, made.held, made.lease) == ("mine", True, 60.0)
    assert house.experiments.silent_for(made.id) == 0.0
    await house.experiments.rescan()
    assert house.experiments.find("mine") == made


async def test_a_script_that_begins_anew_takes_back_how_it_ended(house: House) -> None:
    path = str(house.write("a"))
    for life, verb in enumerate(("complete", "fail", "stop")):
        begun = await house.experiments.register(path, lease=60.0)
        assert (begun.state, begun.reason, begun.lease) == (ExperimentState.RUNNING, "", 60.0)
        assert (begun.end_heard_at, begun.complete_bytes) == (None, 0)
        assert begun.ended_at == (life or None), "told once more, it is of the last life"
        reason = {} if verb == "complete" else {"reason": "x"}
        await getattr(house.experiments, verb)("a", by="ada", ended_at=life + 1.0, **reason)


async def test_registering_by_hand_leaves_the_lease_alone(house: House) -> None:
    path = str(house.write("a"))
    begun = await house.experiments.register(path, lease=60.0)
    for held in (False, True):
        assert await house.experiments.register(path, held=held) == begun


async def test_a_nonce_shows_that_the_directory_is_shared(house: House) -> None:
    path = empty(house, "a")
    (path / NONCE_NAME).write_text(NONCE)
    made = await house.experiments.register(str(path), lease=60.0, nonce=NONCE)
    assert made.path == str(path)
    commits = house.store.commits.done
    for wrong in (NONCE[::-1], f"{NONCE}0"):
        with pytest.raises(NotSharedError, match="does not see"):
            await house.experiments.register(str(path), lease=60.0, nonce=wrong)
    assert house.store.commits.done == commits


async def test_the_nonce_is_of_the_directory_that_is_registered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link on the way leads elsewhere as soon as the nonce is seen."""
    path, other, link = empty(house, "a"), empty(house, "b"), house.home / "runs" / "link"
    (path / NONCE_NAME).write_text(NONCE)
    link.symlink_to(path)

    def check(directory: str, nonce: str) -> None:
        check_nonce(directory, nonce)
        link.unlink()
        link.symlink_to(other)

    monkeypatch.setattr(discovery, "check_nonce", check)
    made = await house.experiments.register(str(link), lease=60.0, nonce=NONCE)
    assert made.path == str(path)


async def test_a_directory_that_is_not_there_is_not_shared(house: House) -> None:
    missing = str(house.home / "runs" / "missing")
    with pytest.raises(NotSharedError) as refused:
        await house.experiments.register(missing, lease=60.0, nonce=NONCE)
    assert (refused.value.status, refused.value.code) == (409, "not-shared")
    with pytest.raises(InvalidInputError, match="cannot be read as a directory"):
        await house.experiments.register(missing, lease=60.0)
    assert not house.store.experiments


async def test_what_lies_outside_of_the_roots_is_so_whatever_the_nonce(house: House) -> None:
    outside = house.home / "elsewhere"
    outside.mkdir()
    (outside / NONCE_NAME).write_text(NONCE)
    link = house.home / "runs" / "link"
    link.symlink_to(outside)
    for path in (outside, link, house.home / "runs", "/nowhere"):
        with pytest.raises(InvalidInputError) as refused:
            await house.experiments.register(str(path), lease=60.0, nonce=NONCE)
        assert refused.value.field == "path"
