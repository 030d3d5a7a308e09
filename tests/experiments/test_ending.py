"""Saying of many experiments at once that they are over."""

import asyncio
from threading import Event
from typing import Any

import pytest
from house import House

from tbgateway import discovery
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.experiment_state import Measurement
from tbgateway.domain.model import ExperimentState


async def test_many_are_ended_in_one_transaction_as_they_are_by_then(house: House) -> None:
    await house.find("a", "b", "c")
    await house.find("d", root="team")
    house.write("a", size=500)  # no scan has seen it
    commits = house.store.commits.done

    ended = await house.experiments.complete_all(house.experiments.list(), by="ada")

    assert house.store.commits.done == commits + 1
    assert {one.name for one in ended} == {"a", "b", "c", "d"}
    assert {one.reason for one in ended} == {"completed by ada"}
    assert house.experiments.find("a").bytes == house.experiments.find("a").complete_bytes == 500
    await house.experiments.rescan()
    assert {one.state for one in house.experiments.list()} == {ExperimentState.COMPLETED}


async def test_a_reason_is_everybodys(house: House) -> None:
    await house.find("a", "b")
    await house.experiments.fail_all(house.experiments.list(), reason="no disk", by="ada")
    assert {(one.state.value, one.reason) for one in house.experiments.list()} == {
        ("failed", "no disk")
    }


@pytest.mark.parametrize("reason", ["a\x1b[31mb", "two\nlines", "x" * 1025])
async def test_a_reason_of_more_than_a_line_is_refused_as_a_whole(
    house: House, reason: str
) -> None:
    await house.find("a")
    with pytest.raises(InvalidInputError, match="The reason") as refused:
        await house.experiments.fail("a", reason=reason, by="ada")
    assert refused.value.field == "reason"
    assert house.experiments.find("a").state is ExperimentState.RUNNING


async def test_what_was_forgotten_meanwhile_is_left_out_and_stays_forgotten(house: House) -> None:
    await house.find("a", "b")
    chosen = house.experiments.list()
    async with house.store.transaction() as tx:
        tx.drop(house.experiments.find("a"))

    ended = await house.experiments.complete_all(chosen, by="ada")

    assert [one.name for one in ended] == ["b"]
    assert [one.name for one in house.experiments.list()] == ["b"]


async def test_nothing_to_end_is_no_transaction(house: House) -> None:
    commits = house.store.commits.done
    assert await house.experiments.complete_all((), by="ada") == ()
    assert house.store.commits.done == commits


# --- by people, and by their own scripts


async def test_somebody_stops_an_experiment_and_new_data_brings_it_back(house: House) -> None:
    await house.find("a", "b")
    stopped = await house.experiments.stop("a", reason="", by="ada")
    assert (stopped.state, stopped.reason) == (ExperimentState.STOPPED, "stopped by ada")
    (other,) = await house.experiments.stop_all(
        [house.experiments.find("b")], reason="no need", by="ada"
    )
    assert other.reason == "no need"
    await house.experiments.rescan()
    assert {one.state.value for one in house.experiments.list()} == {"stopped"}
    assert house.experiments.find("a").problem is None
    house.write("a", size=500)
    await house.experiments.rescan()
    again = house.experiments.find("a")
    assert (again.state.value, again.reason) == ("running", "new events after it was stopped")


@pytest.mark.parametrize(
    ("verb", "state", "reason"),
    [
        ("complete", "completed", "completed by its script"),
        ("fail", "failed", "failed, said its script"),
        ("stop", "stopped", "stopped by its script"),
    ],
)
async def test_a_script_says_when_it_ended_and_may_say_it_again(
    house: House, verb: str, state: str, reason: str
) -> None:
    path = house.write("a")
    await house.experiments.register(str(path), lease=60.0)
    more = {} if verb == "complete" else {"reason": ""}
    house.write("a", size=500)
    end = getattr(house.experiments, verb)
    ended = await end("a", by="ada", ended_at=1_763_900_000.0, **more)
    assert (ended.state.value, ended.reason, ended.lease) == (state, reason, None)
    assert (ended.ended_at, ended.complete_bytes) == (1_763_900_000.0, 500)
    commits = house.store.commits.done
    assert await end("a", by="ada", ended_at=1_763_900_000.0, **more) == ended
    assert house.store.commits.done == commits


async def test_what_a_scripts_writers_flush_late_belongs_to_its_end(house: House) -> None:
    path = house.write("a")
    await house.experiments.register(str(path), lease=60.0)
    await house.experiments.complete("a", by="ada", ended_at=1.0)
    for size, seconds, state in (
        (20, 100, "completed"),
        (20, 100, "completed"),
        (21, 0, "running"),
    ):
        house.clock.ahead += seconds
        house.write("a", size=size)
        await house.experiments.rescan()
        assert house.experiments.find("a").state.value == state


async def test_an_end_that_is_told_again_does_not_end_the_next_life(house: House) -> None:
    path = house.write("a")
    await house.experiments.register(str(path), lease=60.0)
    await house.experiments.complete("a", by="ada", ended_at=1000.0)
    begun = await house.experiments.register(str(path), lease=60.0)
    assert await house.experiments.complete("a", by="ada", ended_at=1000.0) == begun
    assert begun.state is ExperimentState.RUNNING
    again = await house.experiments.fail("a", reason="NaN", by="ada", ended_at=1001.0)
    assert (again.state, again.ended_at) == (ExperimentState.FAILED, 1001.0)


@pytest.mark.parametrize("ended_at", [1000.0, None])
async def test_an_end_that_is_still_measured_does_not_end_what_begins_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch, ended_at: float | None
) -> None:
    path = house.write("a")
    await house.experiments.register(str(path), lease=60.0)
    measuring, go_on, measure = Event(), Event(), discovery.measure

    def slow(*given: Any) -> Measurement:
        measuring.set()
        go_on.wait(60)
        return measure(*given)

    with monkeypatch.context() as patched:
        patched.setattr(discovery, "measure", slow)
        ending = asyncio.ensure_future(house.experiments.complete("a", by="ada", ended_at=ended_at))
        while not measuring.is_set():
            await asyncio.sleep(0.001)
    begun = await house.experiments.register(str(path), lease=60.0)
    go_on.set()
    assert await ending == begun == house.experiments.find("a")
    assert begun.state is ExperimentState.RUNNING
    assert (await house.experiments.complete("a", by="ada")).state is ExperimentState.COMPLETED


@pytest.mark.parametrize("ended_at", [-1.0, 1e12, float("nan"), float("inf")])
async def test_an_end_at_no_time_is_refused(house: House, ended_at: float) -> None:
    await house.find("a")
    with pytest.raises(InvalidInputError, match="time of the end") as refused:
        await house.experiments.complete("a", by="ada", ended_at=ended_at)
    assert refused.value.field == "ended_at"
    assert house.experiments.find("a").state is ExperimentState.RUNNING
