"""A gateway that is restarted while people use it, and one that reads its settings again.

RESTARTS and KILLS in the environment say how often; `make bench-restart` does it more often.
"""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from foreground_process import on_terminal
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually
from steady_callers import Callers, Errand

pytestmark = pytest.mark.slow

RESTARTS = int(os.environ.get("RESTARTS", "3"))
KILLS = int(os.environ.get("KILLS", "2"))
LIST, RUNS = "/api/v1/boards", "/boards/vision/data/runs"
ERRANDS = [
    *(Errand(path, keeps=keeps) for path in (LIST, RUNS) for keeps in (False, True) for _ in "12"),
    Errand("/api/v1/boards/vision/experiments", body={"add": ["second"]}),
]
PATIENT = {"TBGATEWAY_SERVER__DRAIN_TIMEOUT": "60"}  # on a busy machine a board wakes slowly
SETTINGS = """
[boards]
idle_timeout = {idle}
[log]
level = "{level}"
[server]
header_timeout = {header}
allowed_hosts = [{hosts}]
"""


@pytest.fixture
def vision(start_gateway: Callable[..., RunningGateway], runs: Path) -> RunningGateway:
    """Return a gateway with a board; its socket is held by the test."""
    gateway = start_gateway(runs, environment=PATIENT)
    gateway.cli("board", "create", "vision", "-e", "first", "--wait")
    return gateway


def test_no_request_fails_while_the_gateway_is_restarted_again_and_again(
    vision: RunningGateway,
) -> None:
    with Callers(vision.port, ERRANDS) as callers:
        for _ in range(RESTARTS):
            callers.until_everybody_was_answered()
            assert vision.stop(signal.SIGTERM) == 0
            vision.start()
        callers.until_everybody_was_answered()

    print(f"kept connections that closed unasked: {callers.asked_again}")  # noqa: T201 - a figure
    assert callers.failures == []


def test_a_killed_gateway_loses_only_what_it_was_working_on(vision: RunningGateway) -> None:
    kills: list[tuple[float, float]] = []
    with Callers(vision.port, ERRANDS) as callers:
        for _ in range(KILLS):
            callers.until_everybody_was_answered()
            begun = time.monotonic()
            vision.kill()
            kills.append((begun, time.monotonic()))  # by now the kernel has closed what it had
            vision.start()
        callers.until_everybody_was_answered()

    print(f"lost with {KILLS} kills: {len(callers.failures)}")  # noqa: T201 - a figure
    for failure in callers.failures:
        assert failure.connected, f"refused: {failure}"
        in_flight = (failure.begun < end and begin <= failure.ended for begin, end in kills)
        assert any(in_flight), f"lost, though nobody was killed meanwhile: {failure}"
    assert len(callers.failures) <= KILLS * len(ERRANDS), "each had one request in flight"


class Operator:
    """Writes the settings, asks for a reload, and hears what systemd would."""

    def __init__(self, home: Path) -> None:
        self.file = home / "tbgateway.toml"
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._channel.bind(str(home / "notify"))
        self._channel.settimeout(60)
        self.environment = {"NOTIFY_SOCKET": str(home / "notify")}

    def write(
        self, *, idle: float = 900, level: str = "info", header: float = 10, hosts: str = ""
    ) -> None:
        self.file.write_text(SETTINGS.format(idle=idle, level=level, header=header, hosts=hosts))

    def hears(self) -> str:
        return self._channel.recv(1000).decode()

    def has_reloaded(self, gateway: RunningGateway) -> str:
        """Reload and return the status that systemd shows."""
        assert gateway.process is not None
        gateway.process.send_signal(signal.SIGHUP)
        reloading, since = self.hears().split("\n")
        assert reloading == "RELOADING=1"
        assert since.removeprefix("MONOTONIC_USEC=").isdigit()
        ready, status = self.hears().split("\n")
        assert ready == "READY=1"
        return status.removeprefix("STATUS=")

    def close(self) -> None:
        self._channel.close()


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    operator = Operator(tmp_path)
    yield operator
    operator.close()


def logged(gateway: RunningGateway, event: str) -> dict[str, Any]:
    """Return the newest such line of the log."""
    lines = [json.loads(line) for line in gateway.log.read_text().splitlines() if event in line]
    return lines[-1]


def test_a_hangup_reloads_what_can_change_and_names_what_cannot(
    start_gateway: Callable[..., RunningGateway], runs: Path, operator: Operator
) -> None:
    operator.write()
    gateway = start_gateway(
        runs, flags=[f"--config={operator.file}"], environment=operator.environment
    )
    gateway.cli("board", "create", "vision", "-e", "first", "--wait")
    operator.hears()
    named = {"Host": "boards.example"}
    assert gateway.get("/healthz", headers=named).status == 421

    operator.write(idle=0.5, level="warning", header=5, hosts='"boards.example"')
    status = operator.has_reloaded(gateway)

    assert status.endswith("; needs a restart: server.header_timeout")
    assert logged(gateway, "settings that need a restart")["waiting"] == ["server.header_timeout"]
    assert gateway.get("/healthz", headers=named).status == 200
    eventually(
        lambda: gateway.admin("/api/v1/boards/vision").json()["state"] == "sleeping",
        what="the board sleeps by the new timeout",
    )

    operator.file.write_text("[boards]\nidle_timeuot = 3\n")
    status = operator.has_reloaded(gateway)

    assert status.endswith("; the settings were not reloaded, see the log")
    refused = logged(gateway, "the settings stay as they were")
    assert "there is no setting boards.idle_timeuot" in refused["reason"]
    assert refused["hint"] == "Did you mean idle_timeout?"
    assert gateway.get("/healthz", headers=named).status == 200, "nothing changed"

    operator.write()
    assert "needs" not in operator.has_reloaded(gateway)
    assert logged(gateway, "settings reloaded")["changed"] == [
        "server.allowed_hosts",
        "boards.idle_timeout",
        "log.level",
    ]
    assert gateway.get("/healthz", headers=named).status == 421


def test_a_gateway_on_a_terminal_reloads_and_ends_when_the_terminal_is_closed(
    tmp_path: Path, runs: Path
) -> None:
    password = tmp_path / "password"
    password.write_text(ADMIN_PASSWORD)
    words = [sys.executable, "-m", "tbgateway", "serve", f"--logdir={runs}"]
    words += ["--listen=127.0.0.1:0", f"--state-dir={tmp_path / 'state'}"]
    words.append(f"--admin-password-file={password}")
    environment = os.environ | {
        "TBGATEWAY_STATE__RUNTIME_DIR": str(tmp_path / "run"),
        "NO_COLOR": "1",
    }
    with on_terminal(*words, env=environment) as terminal:
        terminal.shown.until("serving")
        terminal.process.send_signal(signal.SIGHUP)
        terminal.shown.until("settings reloaded")

        terminal.hang_up()

        assert terminal.process.wait(60) == 0
