"""New settings for a gateway that runs; with real signals in tests/e2e/test_restart.py."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
import structlog
from gateway_in_process import PATIENCE, get, settings_below, started

from tbgateway.domain.errors import InvalidInputError
from tbgateway.gateway import Gateway
from tbgateway.gateway.background import background
from tbgateway.gateway.reloading import Reloading
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.settings import Reloaded, Settings


def wanted(home: Path, overrides: Mapping[str, object]) -> Settings:
    return settings_below(home, {"runs": home / "runs"}, overrides)


async def guesses(house: Gateway, guess: str) -> int:
    status, _ = await get(f"{house.url}/api/v1/whoami", ("admin", guess))
    return status


async def test_guards_go_by_another_throttle_at_once(home: Path) -> None:
    async with started(home) as house:
        assert [await guesses(house, guess) for guess in ("a", "b")] == [401, 401]

        assert house.reload(wanted(home, {"auth.throttle": "1/hour"})).changed == ("auth.throttle",)

        assert [await guesses(house, guess) for guess in ("c", "d")] == [401, 429]


async def test_the_supervisor_goes_by_other_times_at_once(home: Path) -> None:
    async with started(home) as house:
        overrides = {"boards.start_timeout": 7, "boards.stop_grace": 0, "boards.wake_timeout": 9}

        house.reload(wanted(home, overrides))

        means = house.supervisor._means
        assert (means.limits.start_timeout, means.limits.stop_grace) == (7, 0)
        assert means.settings.wake_timeout == 9


async def test_new_settings_that_cannot_be_taken_by_all_are_taken_by_nobody(home: Path) -> None:
    async with started(home) as house:
        before = house.settings.boards.start_timeout

        def refuse() -> None:
            if house.settings.boards.start_timeout != before:
                raise ZeroDivisionError

        house.settings_takers.append(refuse)

        with pytest.raises(ZeroDivisionError):
            house.reload(wanted(home, {"boards.start_timeout": 7, "auth.throttle": "1/hour"}))

        assert house.supervisor._means.limits.start_timeout == before
        assert house.settings.boards.start_timeout == before
        assert [await guesses(house, guess) for guess in ("a", "b", "c")] == [401, 401, 401]


async def test_boards_that_run_go_by_another_limit_of_memory_at_once(home: Path) -> None:
    async with started(home) as house:
        house.reload(wanted(home, {"boards.board_memory": "123 MiB"}))

        launcher = house.supervisor._means.launcher
        assert isinstance(launcher, FakeLauncher)
        assert launcher.limited_to == 123 * 2**20


async def test_what_needs_a_restart_is_in_the_summary(home: Path) -> None:
    async with started(home) as house:
        reloaded = house.reload(wanted(home, {"server.listen": ["127.0.0.1:1"]}))

        assert reloaded == Reloaded(waiting=("server.listen",))
        assert house.summary("a remark") == f"Serving 0 boards at {house.url}/; a remark"
        assert house.summary("") == f"Serving 0 boards at {house.url}/"


@pytest.mark.parametrize("error", [InvalidInputError("no such key"), ZeroDivisionError("a bug")])
async def test_settings_that_cannot_be_read_change_nothing_and_the_next_ones_do(
    home: Path, error: Exception
) -> None:
    answers = iter([error, wanted(home, {"boards.wake_timeout": 9})])
    failed, loaded = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def load() -> Settings:
        answer = next(answers)
        loop.call_soon_threadsafe((failed if answer is error else loaded).set)
        if isinstance(answer, Exception):
            raise answer
        return answer

    reloading = Reloading(load)
    with structlog.testing.capture_logs() as logs:
        async with (
            started(home) as house,
            background(reloading.run(house)),
            asyncio.timeout(PATIENCE),
        ):
            reloading.ask()
            await failed.wait()
            assert house.settings.boards.wake_timeout == 60
            reloading.ask()
            await loaded.wait()
            while house.settings.boards.wake_timeout != 9:
                await asyncio.sleep(0.01)

    events = [entry["event"] for entry in logs if "settings" in entry["event"]]
    refusal = "the settings stay as they were"
    if error.__class__ is ZeroDivisionError:
        refusal = "the settings were not reloaded"
    assert events == [refusal, "settings reloaded"]
