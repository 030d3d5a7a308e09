"""A machine's clock that is set wrong by a day, under a whole gateway."""

import time
from pathlib import Path

import pytest
from gateway_in_process import ADMIN_PASSWORD, started
from signing_in import send, sign_in

from tbgateway.domain.model import ExperimentState
from tbgateway.wall_time import DOUBT, WallTime

DAY = 86_400.0
NOON = 1_700_000_000.0
HALF_A_DAY = {"auth.session_lifetime": DAY / 2}


class Machine:
    """Its two clocks; `ahead` is by how much the one of them is wrong."""

    up, ahead = 1000.0, 0.0

    def __init__(self) -> None:
        self.time = WallTime(lambda: NOON + self.up + self.ahead, lambda: self.up)


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_a_session_outlives_a_jump_and_ends_when_its_time_has_come(
    home: Path, jump: float
) -> None:
    machine = Machine()
    async with started(home, overrides=HALF_A_DAY, time=machine.time) as house:

        async def is_in(cookie: str) -> bool:
            return (await send(f"{house.url}/ui/members", cookie=cookie)).status == 200

        before = (await sign_in(house.url, "admin", ADMIN_PASSWORD)).cookie
        assert await is_in(before)
        assert not await is_in("")
        machine.ahead = jump
        assert await is_in(before)
        during = (await sign_in(house.url, "admin", ADMIN_PASSWORD)).cookie
        machine.up += DAY / 4
        assert await is_in(before)
        machine.ahead = 0.0
        assert await is_in(before)
        assert await is_in(during)

        for _ in range(3):
            machine.up += DOUBT
            house.time.earliest()
        assert not await is_in(before)
        assert not await is_in(during)


@pytest.mark.parametrize("jump", [DAY, -DAY])
async def test_no_experiment_is_over_because_of_a_jump(home: Path, jump: float) -> None:
    directory = home / "runs" / "a"
    directory.mkdir(parents=True)
    (directory / "events.out.tfevents.1.host").write_bytes(b"some")
    ahead = 0.0
    clock = WallTime(lambda: time.time() + ahead)
    async with started(home, time=clock) as house:
        await house.experiments.rescan()
        for ahead in (0.0, jump, 0.0):  # noqa: B007 - read by the clock
            await house.experiments.rescan()
            found = house.experiments.find("a")
            assert (found.state, found.reason) == (ExperimentState.RUNNING, "")
