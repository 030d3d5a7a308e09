"""Scripts that are heard, and those that are not heard any more."""

import asyncio
import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from house import ADA, House

from tbgateway import discovery
from tbgateway.boards import Entry
from tbgateway.discovery import LogdirThreads
from tbgateway.domain.description import Edit
from tbgateway.domain.description_file import FILE_NAME
from tbgateway.domain.errors import InvalidInputError, NotFoundError, StorageFullError
from tbgateway.domain.experiment_state import SETTLING, Measurement
from tbgateway.domain.leases import LOOK_EVERY
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.ending import Ending
from tbgateway.experiments.heartbeats import Heartbeats, uptime
from tbgateway.store.memory import Change

LEASE = 60.0
SILENCE = 900.0
T = TypeVar("T")


class Watch:
    """Heartbeats whose clock moves on by a look's time whenever it is read."""

    def __init__(self, house: House) -> None:
        self.now = 0.0
        self.describing = Describing(house.store)
        threads = {name: LogdirThreads(1) for name in house.roots}
        self.ending = Ending(house.store, house.roots, 4, threads, judged, patience=5.0)
        self.heartbeats = Heartbeats(house.store, self.ending, self._lost, self._clock, pause=0.001)

    async def look_for(self, seconds: float) -> None:
        for _ in range(int(seconds / LOOK_EVERY)):
            await self.heartbeats.stop(self.heartbeats.silent())

    def _clock(self) -> float:
        self.now += LOOK_EVERY
        return self.now

    def _lost(self, experiment: Experiment) -> Experiment:
        return self.describing.lost(experiment, self.now)


def judged(experiment: Experiment, seen: Measurement) -> Experiment:
    return replace(experiment, bytes=seen.bytes)


async def begin(house: House, name: str = "a", lease: float = LEASE) -> Experiment:
    path = house.home / "runs" / name
    path.mkdir(parents=True, exist_ok=True)
    return await house.experiments.register(str(path), lease=lease)


def state_of(house: House, name: str = "a") -> tuple[str, str]:
    experiment = house.experiments.find(name)
    return experiment.state.value, experiment.reason


async def test_who_is_heard_often_enough_costs_nothing_but_memory(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    commits = house.store.commits.done
    for _ in range(20):
        assert await watch.heartbeats.hear(experiment.id, LEASE) is experiment
        await watch.look_for(LEASE / 3)
    assert house.store.commits.done == commits
    assert state_of(house) == ("running", "")


async def test_who_is_silent_for_longer_than_the_lease_is_stopped_as_it_is_by_then(
    house: House,
) -> None:
    await begin(house)
    await begin(house, "b", lease=600.0)
    watch = Watch(house)
    house.write("a", size=500)  # no scan has seen it
    await watch.look_for(LEASE)
    assert state_of(house)[0] == "running"
    await watch.look_for(2 * LOOK_EVERY)
    lost = house.experiments.find("a")
    assert state_of(house) == ("stopped", "heartbeat lost")
    assert (lost.bytes, lost.complete_bytes, lost.held) == (500, 500, False)
    assert state_of(house, "b") == ("running", "")
    commits = house.store.commits.done
    await watch.look_for(LEASE)
    assert house.store.commits.done == commits


async def test_who_is_heard_again_runs_again(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    again = await watch.heartbeats.hear(experiment.id, LEASE)
    assert (again.state, again.lease, again.held) == (ExperimentState.RUNNING, LEASE, True)
    assert again == house.experiments.find("a")
    await watch.look_for(2 * LEASE)
    assert state_of(house) == ("stopped", "heartbeat lost")


@pytest.mark.parametrize("verb", ["complete", "fail", "stop"])
async def test_a_heartbeat_does_not_take_an_end_back_but_tells_of_it(
    house: House, verb: str
) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    if verb == "complete":
        await house.experiments.complete("a", by="ada")
    else:
        await getattr(house.experiments, verb)("a", reason="enough", by="ada")
    commits = house.store.commits.done
    answer = await watch.heartbeats.hear(experiment.id, LEASE)
    assert answer == house.experiments.find("a")
    assert watch.heartbeats.silent_for(experiment.id) is None
    assert answer.state is not ExperimentState.RUNNING
    assert house.store.commits.done == commits
    await watch.look_for(2 * LEASE)
    assert house.store.commits.done == commits


async def test_one_that_runs_without_a_lease_gets_it_with_its_first_heartbeat(
    house: House,
) -> None:
    await house.find("a")
    heard = await house.experiments.heartbeat("a", LEASE)
    assert (heard.lease, heard.held) == (LEASE, True)
    assert (await house.experiments.heartbeat("a", 90.0)).lease == 90.0
    assert house.experiments.silent_for(heard.id) == 0.0


async def test_odd_leases_and_unknown_experiments_are_refused(house: House) -> None:
    await house.find("a")
    for lease in (0.0, 9.0, 1e6, float("nan")):
        with pytest.raises(InvalidInputError) as refused:
            await house.experiments.heartbeat("a", lease)
        assert refused.value.field == "lease"
        with pytest.raises(InvalidInputError):
            await house.experiments.register(str(house.home / "runs" / "a"), lease=lease)
    with pytest.raises(NotFoundError):
        await house.experiments.heartbeat("b", LEASE)


async def test_after_a_restart_everybody_has_the_whole_lease(house: House) -> None:
    await begin(house)
    watch = Watch(house)
    await watch.look_for(LEASE)
    restarted = Watch(house)
    await restarted.look_for(LEASE)
    assert state_of(house)[0] == "running"
    await restarted.look_for(2 * LOOK_EVERY)
    assert state_of(house)[0] == "stopped"


async def test_a_gateway_that_was_stuck_loses_nobody(house: House) -> None:
    await begin(house)
    watch = Watch(house)
    for _ in range(10):
        watch.now += 3600.0
        await watch.look_for(LOOK_EVERY)
    assert state_of(house)[0] == "running"


async def test_who_is_heard_while_the_files_are_measured_is_not_stopped(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    await watch.look_for(LEASE)
    async with house.store.transaction():  # the end has to wait
        looking = asyncio.ensure_future(watch.look_for(2 * LOOK_EVERY))
        await asyncio.sleep(0.1)
        await watch.heartbeats.hear(experiment.id, LEASE)
    await looking
    assert state_of(house)[0] == "running"


async def test_who_ends_while_the_files_are_measured_keeps_the_end(house: House) -> None:
    await begin(house)
    watch = Watch(house)
    await watch.look_for(LEASE)
    async with house.store.transaction() as tx:
        looking = asyncio.ensure_future(watch.look_for(2 * LOOK_EVERY))
        await asyncio.sleep(0.1)
        ended = replace(house.experiments.find("a"), state=ExperimentState.FAILED, lease=None)
        tx.put(ended)
    await looking
    assert house.experiments.find("a") == ended


async def test_a_root_that_hangs_does_not_keep_the_lost_running(house: House) -> None:
    await begin(house)
    watch = Watch(house)
    watch.heartbeats.ending = replace(watch.ending, patience=0.0)
    await watch.look_for(2 * LEASE)
    assert state_of(house) == ("stopped", "heartbeat lost")


async def test_a_full_disk_does_not_end_the_watch(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(house)
    watch = Watch(house)
    failures = 0
    end = watch.ending.end

    async def failing(*given: object) -> tuple[Experiment, ...]:
        nonlocal failures
        failures += 1
        if failures < 3:
            raise StorageFullError("The disk is full.")
        return await end(*given)  # type: ignore[arg-type] # passed on as they come

    monkeypatch.setattr(Ending, "end", lambda _, *given: failing(*given))
    watching = asyncio.ensure_future(watch.heartbeats.watch())
    while state_of(house)[0] == "running":
        await asyncio.sleep(0.01)
    watching.cancel()
    assert failures >= 3


async def test_the_watch_of_a_gateway_stops_the_lost(house: House) -> None:
    await begin(house)
    watch = Watch(house)
    watching = asyncio.ensure_future(watch.heartbeats.watch())
    while state_of(house)[0] == "running":
        await asyncio.sleep(0.01)
    watching.cancel()
    assert state_of(house) == ("stopped", "heartbeat lost")


async def test_a_lost_one_that_writes_on_runs_and_ends_by_silence(house: House) -> None:
    await begin(house)
    watch = Watch(house)
    house.write("a", size=10)
    await watch.look_for(2 * LEASE)
    house.write("a", size=20)
    await house.experiments.rescan()
    assert state_of(house) == ("running", "new events after it was stopped")
    await watch.look_for(2 * LEASE)
    assert state_of(house)[0] == "running", "nobody waits for heartbeats now"
    house.clock.ahead += SILENCE + 1
    await house.experiments.rescan()
    assert state_of(house)[0] == "completed"


async def test_a_script_that_was_cut_off_while_it_told_its_end_ends_as_its_file_says(
    house: House,
) -> None:
    """It had found no gateway before: it begins and ends at once, and the second is not heard."""
    file = house.write("a") / FILE_NAME
    file.write_text('{"state": "failed", "reason": "NaN", "ended_at": 5}')
    await begin(house)
    await house.experiments.rescan()
    assert state_of(house)[0] == "running"
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    assert state_of(house) == ("failed", "NaN")
    assert house.experiments.find("a").ended_at == 5.0
    assert house.experiments.find("a").lease is None


async def test_what_was_forgotten_is_not_looked_for(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    shutil.rmtree(house.home / "runs" / "a")
    await house.experiments.delete(ADA, "a")
    assert watch.heartbeats.silent_for(experiment.id) is None
    await watch.look_for(2 * LEASE)
    assert not house.store.experiments


async def test_a_heartbeat_of_what_is_forgotten_is_told_so_and_expects_nobody(
    house: House,
) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    async with house.store.transaction() as tx:
        tx.drop(experiment)
        # Still known here, it waits for the transaction.
        waiting = asyncio.ensure_future(watch.heartbeats.hear(experiment.id, 2 * LEASE))
        await asyncio.sleep(0)
    for lease in (LEASE, 2 * LEASE):
        with pytest.raises(NotFoundError):
            await (waiting if lease != LEASE else watch.heartbeats.hear(experiment.id, lease))
    assert watch.heartbeats.silent_for(experiment.id) is None


@pytest.mark.parametrize("told", [{"ended_at": 1000.0}, {}])
async def test_one_that_began_anew_and_is_lost_has_not_the_end_of_its_last_life(
    house: House, told: dict[str, float]
) -> None:
    """Its file still tells that end."""
    file = house.write("a") / FILE_NAME
    file.write_text(json.dumps({"state": "completed", **told}))
    await house.experiments.rescan()
    assert state_of(house)[0] == "completed"
    experiment = await begin(house)
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    assert state_of(house) == ("stopped", "heartbeat lost")
    await watch.heartbeats.hear(experiment.id, LEASE)
    assert state_of(house)[0] == "running"


async def test_one_that_ran_on_after_its_end_and_is_lost_is_stopped(house: House) -> None:
    (house.write("a") / FILE_NAME).write_text('{"state": "completed", "ended_at": 1000}')
    await house.experiments.rescan()
    house.clock.ahead += 2 * SETTLING
    house.write("a", size=20)
    await house.experiments.rescan()
    assert state_of(house)[0] == "running"
    await house.experiments.heartbeat("a", LEASE)
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    assert state_of(house) == ("stopped", "heartbeat lost")


async def held_up(house: House, monkeypatch: pytest.MonkeyPatch, change: asyncio.Future[T]) -> None:
    """Cancel the change while it is written, as when a client goes away."""
    write, begun, go_on = house.store._database.write, threading.Event(), threading.Event()

    def slow(changes: list[Change]) -> None:
        begun.set()
        go_on.wait(60)
        write(changes)

    with monkeypatch.context() as patched:
        patched.setattr(house.store._database, "write", slow)
        while not begun.is_set():
            await asyncio.sleep(0.001)
        change.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await change


async def test_who_begins_and_goes_away_before_the_answer_is_expected(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await held_up(house, monkeypatch, asyncio.ensure_future(begin(house)))
    experiment = house.experiments.find("a")
    assert (experiment.state, experiment.lease) == (ExperimentState.RUNNING, LEASE)
    assert house.experiments.silent_for(experiment.id) == 0.0


async def test_who_is_heard_again_and_goes_away_before_the_answer_is_lost_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    hearing = asyncio.ensure_future(watch.heartbeats.hear(experiment.id, LEASE))
    await held_up(house, monkeypatch, hearing)
    assert state_of(house)[0] == "running"
    await watch.look_for(2 * LEASE)
    assert state_of(house) == ("stopped", "heartbeat lost")


async def test_what_a_person_changes_is_no_heartbeat(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    theirs = house.experiments._heartbeats.leases
    for number in range(1, 20):
        theirs.look(house.clock() + LOOK_EVERY * number)
    await watch.look_for(LEASE / 2)
    silent = watch.heartbeats.silent_for(experiment.id), theirs.silent_for(experiment.id)
    assert min(one or 0.0 for one in silent) > LEASE / 3
    await house.experiments.register(experiment.path, name="other")
    await house.experiments.describe("other", Edit(notes="n"))
    seen = watch.heartbeats.silent_for(experiment.id), theirs.silent_for(experiment.id)
    assert seen == silent
    await begin(house)
    assert theirs.silent_for(experiment.id) == 0.0, "a script is heard as it begins"


async def test_a_root_that_hangs_keeps_nobody_from_being_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look at one root takes its whole patience: that is no time of being stuck."""
    await begin(house)
    await begin(house, "b", lease=2 * LEASE)
    path = house.home / "team" / "c"
    path.mkdir()
    healthy = await house.experiments.register(str(path), lease=2 * LEASE)
    release, measure = threading.Event(), discovery.measure

    def hanging(path: str, *more: Any) -> Measurement:
        if "/runs/" in path:
            release.wait(60)
        return measure(path, *more)

    monkeypatch.setattr(discovery, "measure", hanging)
    watch = Watch(house)
    watch.heartbeats.ending = replace(house.experiments._heartbeats.ending, patience=0.2)
    watching = asyncio.ensure_future(watch.heartbeats.watch())
    while watch.heartbeats.leases.look(watch.now) == ():
        await asyncio.sleep(0.001)
    looked = watch.now
    house.write("c", root="team", size=50)
    while state_of(house, "c")[0] == "running":
        await asyncio.sleep(0.001)
    while state_of(house, "b")[0] == "running":
        await asyncio.sleep(0.001)
    watching.cancel()
    release.set()
    assert watch.now > looked
    assert state_of(house) == ("stopped", "heartbeat lost")
    assert house.experiments.find(healthy.id).complete_bytes == 50, "its root answers"


async def test_all_roots_are_asked_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that hangs would cost its patience otherwise."""
    for root in ("runs", "team"):
        path = house.home / root / "a"
        path.mkdir()
        await house.experiments.register(str(path), lease=LEASE)
    both, measure = threading.Barrier(2), discovery.measure

    def together(*given: Any) -> Measurement:
        both.wait(60)
        return measure(*given)

    monkeypatch.setattr(discovery, "measure", together)
    watch = Watch(house)
    watch.heartbeats.ending = replace(watch.ending, patience=None)
    await watch.look_for(2 * LEASE)
    assert {one.reason for one in house.experiments.list()} == {"heartbeat lost"}


async def test_the_clock_is_looked_at_while_the_lost_are_measured(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begin(house)
    watch, measuring, release = Watch(house), asyncio.Event(), asyncio.Event()

    async def end(*_: object) -> tuple[Experiment, ...]:
        assert not measuring.is_set(), "one look at their files is under way"
        measuring.set()
        await release.wait()
        return ()

    monkeypatch.setattr(Ending, "end", end)
    watching = asyncio.ensure_future(watch.heartbeats.watch())
    await measuring.wait()
    looked = watch.now
    while watch.now < looked + 100 * LOOK_EVERY:
        await asyncio.sleep(0.001)
    assert not watching.done()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching


async def test_a_gateway_that_begins_to_listen_late_gives_everybody_the_whole_lease(
    house: House,
) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    watch.now += LOOK_EVERY  # until it listens
    watch.heartbeats.silent()
    assert watch.heartbeats.silent_for(experiment.id) == 0.0


async def test_a_board_is_told_of_who_was_lost_and_heard(house: House) -> None:
    house.write("a")
    experiment = await begin(house)
    board = await house.boards.create(ADA, "vision", ["a"], Entry())
    assert house.shown(board) == {"a": "adding"}
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    assert house.shown(board) == {"a": "added"}
    await house.experiments.heartbeat(experiment.id, LEASE)
    assert house.shown(board) == {"a": "adding"}


def test_the_clock_runs_while_the_machine_sleeps() -> None:
    seconds = float(Path("/proc/uptime").read_text().split()[0])
    assert abs(uptime() - seconds) < 60
