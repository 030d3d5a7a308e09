"""No logdir leads to what is the gateway's own."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_in_process import settings_below
from structlog.testing import capture_logs

from tbgateway.domain.errors import InvalidInputError
from tbgateway.gateway import separation
from tbgateway.gateway.separation import check_separation


@pytest.fixture
def _hanging_mount(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[None]:
    over = threading.Event()
    realpath = os.path.realpath

    def hang(path: Path) -> str:
        if path == home / "hung":
            over.wait()
        return realpath(path)

    monkeypatch.setattr(os.path, "realpath", hang)
    monkeypatch.setattr(separation, "_PATIENCE", 0.05)
    yield
    over.set()


async def test_a_link_to_the_state_is_no_logdir(home: Path) -> None:
    (home / "its" / "state").mkdir(parents=True)
    (home / "link").symlink_to(home / "its")

    with pytest.raises(InvalidInputError, match="lies in the logdir root") as refused:
        await check_separation(settings_below(home / "its", {"runs": home / "link"}))
    assert str(home / "its" / "state") in refused.value.detail


async def test_a_linked_state_is_found_in_its_logdir(home: Path) -> None:
    (home / "runs" / "state").mkdir(parents=True)
    (home / "its").symlink_to(home / "runs")

    with pytest.raises(InvalidInputError, match="lies in the logdir root"):
        await check_separation(settings_below(home / "its", {"runs": home / "runs"}))


async def test_neighbours_are_apart_and_a_logdir_may_lie_in_the_state(home: Path) -> None:
    roots = {"state-2": home / "state-2", "own": home / "state" / "runs"}

    await check_separation(settings_below(home, roots))


@pytest.mark.usefixtures("_hanging_mount")
async def test_a_logdir_that_hangs_is_not_waited_for(home: Path) -> None:
    with capture_logs() as logs:
        await check_separation(settings_below(home, {"hung": home / "hung"}))

    assert [one["root"] for one in logs] == [str(home / "hung")]
