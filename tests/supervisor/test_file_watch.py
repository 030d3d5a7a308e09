"""Noticing replaced files while boards run; what then becomes of the links."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tbgateway.discovery import Rota
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.launchers.launcher import LaunchHandle, LaunchSpec
from tbgateway.supervisor.file_watch import FileWatch
from tbgateway.supervisor.root_watch import RootWatch

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")
NAME = "events.out.tfevents.1.host"


class Site:
    """Experiments of two roots, shown or not, and what was noticed of them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.shown: list[Experiment] = []
        self.noticed: list[frozenset[ExperimentId]] = []
        self.looks = 0
        self.roots = {name: RootWatch(home / name) for name in ("runs", "team", "dead", "alive")}
        self.moves = asyncio.Event()

    def experiment(self, number: int, root: str = "runs") -> Experiment:
        path = self.home / root / f"exp{number}"
        path.mkdir(parents=True)
        (path / NAME).write_bytes(b"12345")
        return Experiment(
            id=ExperimentId(f"ex{number:010x}"),
            root=root,
            name=path.name,
            path=str(path),
            created_at=0.0,
        )

    def list_shown(self) -> list[Experiment]:
        self.looks += 1
        return self.shown

    async def a_few_looks(self) -> None:
        enough = self.looks + 4
        await true(lambda: self.looks >= enough)


async def true(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not reached():
            await asyncio.sleep(0.005)


def put_another(experiment: Experiment, content: bytes = b"1234567") -> None:
    """Rename another file over the experiment's event file."""
    new = Path(experiment.path, "arriving")
    new.write_bytes(content)
    new.replace(Path(experiment.path, NAME))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@asynccontextmanager
async def watching(site: Site) -> AsyncIterator[None]:
    watch = FileWatch(
        site.roots, site.list_shown, site.noticed.append, site.moves.set, interval=0.01
    )
    running = asyncio.ensure_future(watch.run())
    await site.a_few_looks()
    yield
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_replaced_file_of_a_shown_experiment_is_noticed_once(site: Site) -> None:
    site.shown = [site.experiment(1), site.experiment(2, "team")]
    hidden = site.experiment(3)
    async with watching(site):
        put_another(hidden)
        put_another(site.shown[1])
        await true(lambda: site.noticed != [])
        await site.a_few_looks()
    assert site.noticed == [{site.shown[1].id}]


async def test_what_was_not_shown_meanwhile_is_not_compared(site: Site) -> None:
    experiment = site.experiment(1)
    site.shown = [experiment]
    async with watching(site):
        site.shown = []
        await site.a_few_looks()
        put_another(experiment)
        site.shown = [experiment]
        await site.a_few_looks()
        assert site.noticed == []
        put_another(experiment, b"1")
        await true(lambda: site.noticed != [])


async def test_a_root_that_becomes_another_directory_is_told(site: Site) -> None:
    site.shown = [site.experiment(1)]
    async with watching(site):
        await true(site.moves.is_set)  # that it is there at all
        site.moves.clear()
        await site.a_few_looks()
        assert not site.moves.is_set()
        exchange(site.home / "runs")
        await true(site.moves.is_set)


async def test_where_one_root_hangs_the_others_are_looked_at(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, well = site.experiment(1, "dead"), site.experiment(2, "alive")
    go_on, look = threading.Event(), Rota.look
    stuck: list[Rota] = []

    def look_or_hang(rota: Rota) -> frozenset[ExperimentId]:
        if hanging.id in rota._marks:
            stuck.append(rota)
            go_on.wait(60)
        return look(rota)

    monkeypatch.setattr(Rota, "look", look_or_hang)
    site.shown = [hanging, well]
    async with watching(site):
        put_another(well)
        await true(lambda: site.noticed == [{well.id}])
        site.shown = []
        await site.a_few_looks()
        site.shown = [hanging, well]
        await site.a_few_looks()
        assert len(stuck) == 1
    go_on.set()


async def test_a_look_that_fails_is_no_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.shown = [site.experiment(1)]
    look, failures = Rota.look, []

    def fail_twice(rota: Rota) -> frozenset[ExperimentId]:
        if len(failures) < 2:
            failures.append(rota)
            raise RuntimeError("no")
        return look(rota)

    monkeypatch.setattr(Rota, "look", fail_twice)
    async with watching(site):
        await true(lambda: len(failures) == 2)
        await site.a_few_looks()
        put_another(site.shown[0])
        await true(lambda: site.noticed != [])


# --- what the supervisor does about it


async def shown(house: "House", *names: str) -> dict[str, Experiment]:
    """Have a running board show experiments with an event file each."""
    for name in names:
        await house.show(name)
    found = {one.name: one for one in house.store.experiments.values()}
    for experiment in found.values():
        Path(experiment.path, NAME).write_bytes(b"12345")
    await house.supervisor.upstream(BOARD)
    await house.until(lambda: len(house.status.visible or ()) == len(names))
    return found


def reload(house: "House", *experiments: Experiment) -> None:
    """Say that the files of these were replaced, as the watch does."""
    house.supervisor._reload(frozenset(one.id for one in experiments))


async def test_a_replaced_file_takes_its_experiment_out_and_brings_it_back(
    house: "House",
) -> None:
    found = await shown(house, "a", "b")
    put_another(found["a"])
    await house.until(lambda: list(house.links) == ["b"])
    assert len(house.store.memberships_of(BOARD)) == 2
    await house.until(lambda: sorted(house.links) == ["a", "b"])
    await house.until(lambda: len(house.status.visible or ()) == 2)
    assert (house.status.generation, house.status.problems) == (1, {})


async def test_what_is_replaced_again_is_brought_back_first_and_out_again_later(
    house: "House",
) -> None:
    found = await shown(house, "a")
    reload(house, found["a"])
    await house.until(lambda: house.links == {})
    reload(house, found["a"])
    await house.until(lambda: list(house.links) == ["a"])
    await house.until(lambda: len(house.status.visible or ()) == 1)
    house.clock.ahead += 11
    house.supervisor.wake(BOARD)
    await house.until(lambda: house.links == {})
    await house.until(lambda: list(house.links) == ["a"])


async def test_a_tensorboard_that_keeps_what_was_taken_out_is_replaced(house: "House") -> None:
    found = await shown(house, "a")
    frozen = house.home / "frozen"
    (frozen / "elsewhere").mkdir(parents=True)
    (frozen / "a").symlink_to(frozen / "elsewhere")
    board = house.launcher.board(house.launch)
    board._spec = replace(board._spec, logdir=frozen)  # it takes up no change any more
    reload(house, found["a"])
    await house.until(lambda: house.links == {})
    house.clock.ahead += 20
    house.supervisor.wake(BOARD)
    await house.until(lambda: house.status.generation == 2)
    await house.until(lambda: list(house.links) == ["a"])
    await house.until(lambda: len(house.status.visible or ()) == 1)


async def test_a_board_that_falls_asleep_in_between_has_its_links_back(house: "House") -> None:
    found = await shown(house, "a")
    house.launcher.hang(house.launch)
    reload(house, found["a"])
    await house.until(lambda: house.links == {})
    await house.change_board(paused=True)
    await house.until_state(BoardState.PAUSED)
    await house.until(lambda: list(house.links) == ["a"])


async def test_nothing_is_taken_out_before_tensorboard_says_what_it_lists(
    house: "House",
) -> None:
    await house.show("a")
    house.launcher.hold = True
    waiting = asyncio.ensure_future(house.supervisor.upstream(BOARD))
    await house.until(lambda: house.status.reason == "held")
    reload(house, *house.store.experiments.values())
    house.supervisor.wake(BOARD)
    await asyncio.sleep(0.1)
    assert list(house.links) == ["a"]
    await house.launcher.release(house.launch)
    await waiting
    await house.until(lambda: house.links == {})
    await house.until(lambda: list(house.links) == ["a"])


async def test_what_cannot_be_taken_out_is_tried_seldom(
    house: "House", monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await shown(house, "a")
    tries = []

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        del missing_ok
        tries.append(path)
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        reload(house, found["a"])
        await house.until(lambda: tries != [])
        await asyncio.sleep(1.0)
        assert len(tries) == 1
        assert list(house.links) == ["a"]
        house.clock.ahead += 20
        house.supervisor.wake(BOARD)
        await house.until(lambda: house.status.generation == 2)
    await house.until(lambda: len(house.status.visible or ()) == 1)
    assert list(house.links) == ["a"]


async def test_what_is_replaced_while_a_board_starts_is_read_anew(house: "House") -> None:
    await house.show("a")
    (experiment,) = house.store.experiments.values()
    Path(experiment.path, NAME).write_bytes(b"12345")
    going_on, start = asyncio.Event(), house.launcher.start

    async def start_later(spec: LaunchSpec) -> LaunchHandle:
        await going_on.wait()
        return await start(spec)

    house.launcher.start = start_later  # type: ignore[method-assign] # as slow as a fork may be
    waiting = asyncio.ensure_future(house.supervisor.upstream(BOARD))
    rota = house.means.roots["runs"]._rota
    await true(lambda: rota.knows(experiment.id, experiment.path))
    put_another(experiment)
    reloads = house.supervisor._reconcilers[BOARD].links._reloads
    await true(lambda: reloads._wanted == {experiment.id})
    going_on.set()
    await waiting
    await house.until(lambda: house.links == {})
    await house.until(lambda: list(house.links) == ["a"])
    assert house.status.generation == 1


# --- roots that are other directories now


async def test_a_root_that_is_another_directory_is_read_by_a_new_process(house: "House") -> None:
    found = await shown(house, "a")
    assert read_by(house) == {house.home / "runs", house.home / "team"}
    exchange(house.home / "runs", found["a"])
    await house.until(lambda: house.status.generation == 2)
    await house.until(lambda: len(house.status.visible or ()) == 1)
    await asyncio.sleep(1.5)  # the watch has looked again
    assert house.status.generation == 2


async def test_a_root_that_nothing_is_shown_of_replaces_no_process(house: "House") -> None:
    found = await shown(house, "a")
    exchange(house.home / "team")
    identity = await house.means.roots["team"].identify()
    put_another(found["a"])  # what comes of it shows that the board was looked at
    await house.until(lambda: house.links == {})
    await house.until(lambda: list(house.links) == ["a"])
    assert identity is not None
    assert house.status.generation == 1
    await house.show("b", root="team")  # but now something is
    await house.until(lambda: house.status.generation == 2)
    await house.until(lambda: len(house.status.visible or ()) == 2)


async def test_a_root_that_was_not_there_at_the_launch_is_read_by_a_new_process(
    house: "House",
) -> None:
    (house.home / "team").rmdir()
    await shown(house, "a")
    assert read_by(house) == {house.home / "runs"}
    await house.show("b", root="team")
    await house.until(lambda: house.status.generation == 2 and house.status.reason == "")
    assert read_by(house) == {house.home / "runs", house.home / "team"}
    await house.until(lambda: len(house.status.visible or ()) == 2)


def exchange(root: Path, *experiments: Experiment) -> None:
    """Put another directory in a root's place, with these experiments."""
    new = root.with_name("new")
    for one in experiments:
        (new / one.name).mkdir(parents=True)
        (new / one.name / NAME).write_bytes(Path(one.path, NAME).read_bytes())
    new.mkdir(exist_ok=True)
    root.rename(root.with_name("old"))
    new.rename(root)


def read_by(house: "House") -> set[Path]:
    """Return what the newest process was allowed to read."""
    return set(house.launcher.board(house.launch)._spec.readable)
