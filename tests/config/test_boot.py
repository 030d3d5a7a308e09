"""The shipped unit under a real systemd, with its whole sandbox, from the wheel people install."""

import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from event_writer import write_scalars
from running_gateway import Answer, eventually, fetch
from systemd_container import SystemdContainer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PASSWORD = "correct-horse-battery"
VISITOR = ("ada", "staple-battery-horse")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class Booted:
    """A container that serves, and the way to it."""

    def __init__(self, container: SystemdContainer, port: int) -> None:
        self.container = container
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, auth: tuple[str, str] | None = None, body: object = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        method = "GET" if body is None else "POST"
        return fetch(self.url + path, auth=auth, method=method, body=data, headers=headers)

    def ready(self) -> bool:
        assert self.container.show("Result") == "success", self.container.log[-3000:]
        try:
            return self.ask("/readyz").status == 200
        except OSError:
            return False

    def processes(self) -> list[psutil.Process]:
        """Return the service's processes, as this machine sees them."""
        everybody = psutil.process_iter(["uids"])
        uid = self.container.uid
        return [one for one in everybody if one.info["uids"] and one.info["uids"].real == uid]


@pytest.fixture
def booted(tmp_path: Path) -> Iterator[Booted]:
    port = _free_port()
    settings = f'[server]\nlisten = ["127.0.0.1:{port}"]\n\n[logdirs]\nruns = "/srv/runs"\n'
    with SystemdContainer(tmp_path, settings=settings, password=PASSWORD) as container:
        machine = Booted(container, port)
        eventually(machine.ready, what=f"ready; its log:\n{container.log[-3000:]}")
        yield machine


def _networks(processes: list[psutil.Process]) -> set[str]:
    return {Path(f"/proc/{one.pid}/ns/net").readlink().name for one in processes}


def _group(process: psutil.Process) -> str:
    """Return the path of its control group, without where the container's own lies."""
    (line,) = (
        line
        for line in Path(f"/proc/{process.pid}/cgroup").read_text().splitlines()
        if line.startswith("0::")
    )
    return line.partition("/tbgateway.service/")[2]


def test_the_service_serves_boards_restarts_and_leaves_nothing_behind(booted: Booted) -> None:
    container = booted.container
    write_scalars(container.root / "srv" / "runs" / "a", {"loss": [3.0, 2.0, 1.0]})
    wanted = {"name": "vision", "experiments": ["/srv/runs/a"], "access": "password"}
    wanted |= {"username": VISITOR[0], "password": VISITOR[1]}

    # It serves, and its board's data server has a network of its own.
    assert container.show("ActiveState") == "active"
    created = booted.ask("/api/v1/boards", ("admin", PASSWORD), wanted)
    assert created.status == 201, created
    runs = booted.ask("/boards/vision/data/runs", VISITOR)
    assert (runs.status, runs.json()) == (200, ["a"]), container.log[-3000:]
    assert len(_networks(booted.processes())) == 2, container.log[-3000:]

    # All processes of the board are in a control group that the gateway made, and no others.
    groups = Counter(_group(one) for one in booted.processes())
    assert groups == {"gateway": 2, f"boards/{created.json()['id']}.1": 2}, container.log[-3000:]

    # Its sockets are its own, and the password is nowhere to be seen.
    modes = container.run("stat", "-c", "%U %a", "/run/tbgateway", "/var/lib/tbgateway")
    assert set(modes.splitlines()) == {"tbgateway 700"}
    assert PASSWORD not in container.log
    for process in booted.processes():
        assert not any(PASSWORD in word for word in process.cmdline())

    # Root gives orders without a password, although the service cannot see root's processes.
    assert "vision" in container.run("/opt/tbgateway/bin/tbgateway", "board", "list")

    # It reads its settings again, and says what needs a restart.
    file = container.root / "etc" / "tbgateway" / "tbgateway.toml"
    before = file.read_text()
    file.write_text(f"{before}\n[boards]\nlauncher = 'exec'\n")
    container.run("systemctl", "reload", "tbgateway")
    says = "needs a restart: boards.launcher"
    eventually(lambda: says in container.show("StatusText"), what=says)
    assert container.show("ActiveState") == "active"
    file.write_text(before)

    # It comes back after it was killed, and still knows its boards: without the first password.
    (container.root / "etc" / "tbgateway" / "admin-password").write_text("")
    first = container.show("MainPID")
    container.run("systemctl", "kill", "--kill-who=main", "-s", "KILL", "tbgateway")
    eventually(lambda: container.show("MainPID") not in {first, "0"}, what="restarted")
    eventually(booted.ready, what="ready again")
    assert container.show("NRestarts") == "1"
    assert booted.ask("/boards/vision/data/runs", VISITOR).json() == ["a"]

    # A stop is clean, and ends everything.
    container.run("systemctl", "stop", "tbgateway")
    assert container.show("Result") == "success"
    assert container.show("ExecMainStatus") == "0"
    assert container.show("ExecMainCode") == str(os.CLD_EXITED)
    eventually(lambda: not booted.processes(), what="no process is left")
