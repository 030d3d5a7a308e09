"""Scripts that are heard, and those that are not heard any more."""

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from house import ADA, House

from tbgateway.boards import Entry
from tbgateway.discovery import LogdirThreads
from tbgateway.domain.description_file import FILE_NAME
from tbgateway.domain.errors import InvalidInputError, NotFoundError, StorageFullError
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.leases import LOOK_EVERY
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.experiments.describing import Describing
from tbgateway.experiments.ending import Ending
from tbgateway.experiments.heartbeats import Heartbeats, uptime

LEASE = 60.0
SILENCE = 900.0


class Watch:
    """Heartbeats whose clock moves on by a look's time whenever it is read."""

    def __init__(self, house: House) -> None:
        self.now = 0.0
        self.told: list[Experiment] = []
        self.describing = Describing(house.store)
        self.ending = Ending(house.store, house.roots, 4, LogdirThreads(1), judged, patience=5.0)
        self.heartbeats = Heartbeats(
            house.store, self.ending, self._lost, self._tell, self._clock, pause=0.001
        )

    async def look_for(self, seconds: float) -> None:
        for _ in range(int(seconds / LOOK_EVERY)):
            await self.heartbeats.look()

    def _clock(self) -> float:
        self.now += LOOK_EVERY
        return self.now

    def _lost(self, experiment: Experiment) -> Experiment:
        return self.describing.lost(experiment, self.now)

    def _tell(self, experiments: Iterable[Experiment]) -> None:
        self.told.extend(experiments)


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
        assert await watch.heartbeats.hear(experiment, LEASE) is experiment
        await watch.look_for(LEASE / 3)
    assert house.store.commits.done == commits
    assert state_of(house) == ("running", "")
    assert watch.told == []


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
    assert watch.told == [lost]
    assert state_of(house, "b") == ("running", "")
    commits = house.store.commits.done
    await watch.look_for(LEASE)
    assert house.store.commits.done == commits


async def test_who_is_heard_again_runs_again(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    await watch.look_for(2 * LEASE)
    again = await watch.heartbeats.hear(experiment, LEASE)
    assert (again.state, again.lease, again.held) == (ExperimentState.RUNNING, LEASE, True)
    assert watch.told[-1] == again == house.experiments.find("a")
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
    answer = await watch.heartbeats.hear(experiment, LEASE)
    assert answer == house.experiments.find("a")
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
        await watch.heartbeats.look()
    assert state_of(house)[0] == "running"


async def test_who_is_heard_while_the_files_are_measured_is_not_stopped(house: House) -> None:
    experiment = await begin(house)
    watch = Watch(house)
    await watch.look_for(LEASE)
    async with house.store.transaction():  # the end has to wait
        looking = asyncio.ensure_future(watch.look_for(2 * LOOK_EVERY))
        await asyncio.sleep(0.1)
        await watch.heartbeats.hear(experiment, LEASE)
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
    await begin(house)
    watch = Watch(house)
    shutil.rmtree(house.home / "runs" / "a")
    await house.experiments.delete(ADA, "a")
    await watch.look_for(2 * LEASE)
    assert not house.store.experiments


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
