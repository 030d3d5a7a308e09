"""The machine's clock is set wrong by a day, and right again, while everything goes on."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from event_writer import write_scalars
from process_tree import board_processes
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from signing_in import send, sign_in

pytestmark = pytest.mark.slow
DAY = 86_400
HALF_A_DAY = DAY // 2
TAMPERED = """
import os
import time

right = time.time


def told():
    try:
        return right() + float(os.readlink({link!r}))
    except OSError:
        return right()


time.time = told
"""


class Clock:
    """What every Python process of a gateway takes for the machine's clock."""

    def __init__(self, home: Path) -> None:
        self._link = home / "ahead"
        package = home / "tampered"
        package.mkdir()
        (package / "sitecustomize.py").write_text(TAMPERED.format(link=str(self._link)))
        self.environment = {"PYTHONPATH": str(package)}

    def set(self, ahead: int) -> None:
        """Let it be wrong by so many seconds."""
        fresh = self._link.with_name("fresh")
        fresh.symlink_to(str(ahead))
        fresh.replace(self._link)


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    return Clock(tmp_path)


def token(gateway: RunningGateway) -> str:
    body = {"label": "script", "expires_in": HALF_A_DAY}
    return str(gateway.admin("/api/v1/tokens", body, method="POST").json()["token"])


def session(gateway: RunningGateway) -> str:
    return asyncio.run(sign_in(gateway.url, "admin", ADMIN_PASSWORD)).cookie


def experiments(gateway: RunningGateway) -> dict[str, str]:
    items = gateway.admin("/api/v1/experiments").json()["items"]
    return {one["name"]: one["state"] for one in items}


def memberships(gateway: RunningGateway) -> dict[str, str]:
    board: dict[str, Any] = gateway.admin("/api/v1/boards/vision").json()
    assert board["state"] == "running"
    return {one["name"]: one["state"] for one in board["experiments"]}


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_jumps_by_a_day_and_back_ends_nothing(
    start_gateway: Callable[..., RunningGateway], runs: Path, clock: Clock, jump: int
) -> None:
    settings = {
        "TBGATEWAY_EXPERIMENTS__RESCAN_INTERVAL": "0.3",
        "TBGATEWAY_AUTH__SESSION_LIFETIME": str(HALF_A_DAY),
    }
    gateway = start_gateway(runs, environment=settings | clock.environment)
    gateway.cli("board", "create", "vision", "-e", "first", "-e", "second", "--wait")
    gateway.cli("experiment", "complete", "second")
    leased = {"path": str(runs / "leased"), "lease": 3600}
    write_scalars(runs / "leased", {"loss": [1.0]})
    assert gateway.admin("/api/v1/experiments", leased, method="POST").status in {200, 201}
    shown = ["first/train", "first/val", "second/train"]
    assert gateway.runs("vision") == shown
    eventually(lambda: memberships(gateway)["second"] == "added", what="it is added")
    states, processes = experiments(gateway), set(board_processes(gateway))
    members = memberships(gateway)
    assert states == {"first": "running", "second": "completed", "leased": "running"}
    assert (members, len(processes)) == ({"first": "adding", "second": "added"}, 1)
    tokens, sessions = [token(gateway)], [session(gateway)]

    for ahead in (jump, 0):
        clock.set(ahead)
        for number in "12":  # each is found by a scan that began by the new clock
            newcomer = f"by {ahead} {number}"
            write_scalars(runs / newcomer, {"loss": [1.0]})
            for file in (runs / newcomer).iterdir():
                now = file.stat().st_mtime + ahead
                os.utime(file, (now, now))
            eventually(lambda name=newcomer: name in experiments(gateway), what="it is scanned")
            states |= {newcomer: "running"}
        assert experiments(gateway) == states
        assert memberships(gateway) == members
        assert gateway.runs("vision") == shown
        assert set(board_processes(gateway)) == processes
        for one in tokens:
            headers = {"Authorization": f"Bearer {one}"}
            assert gateway.get("/api/v1/boards", headers=headers).status == 200
        for one in sessions:
            assert asyncio.run(send(f"{gateway.url}/ui/members", cookie=one)).status == 200
        tokens.append(token(gateway))
        sessions.append(session(gateway))
