"""The gateway watches leases as long as it runs, and forgets none over a restart."""

import asyncio
from pathlib import Path

import pytest
from gateway_in_process import PATIENCE, started

from tbgateway.domain.model import ExperimentState
from tbgateway.experiments import Experiments


async def test_a_gateway_watches_the_leases_as_long_as_it_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching: list[Experiments] = []

    async def watch(experiments: Experiments) -> None:
        watching.append(experiments)
        try:
            await asyncio.sleep(PATIENCE)
        finally:
            watching.remove(experiments)

    monkeypatch.setattr(Experiments, "watch_leases", watch)
    async with started(home) as house:
        assert watching == [house.experiments]
    assert watching == []


async def test_a_lease_is_still_expected_after_a_restart(home: Path) -> None:
    directory = home / "runs" / "a"
    directory.mkdir(parents=True)
    async with started(home) as house:
        made = await house.experiments.register(str(directory), lease=60.0)
    async with started(home) as house:
        again = house.experiments.find("a")
        assert (again.state, again.lease, again.id) == (ExperimentState.RUNNING, 60.0, made.id)
        assert house.experiments.silent_for(again.id) == 0.0
