"""Boards under a user of their own: both units under a real systemd, seen from inside a board."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from event_writer import write_scalars
from running_gateway import Answer, eventually, fetch
from systemd_container import SystemdContainer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PASSWORD = "correct-horse-battery"
ADMIN = ("admin", PASSWORD)
PROBE = """
import json, os, socket
from tensorboard.plugins import base_plugin
from werkzeug import Response

def attempt(what):
    try:
        return repr(what())
    except Exception as error:
        return type(error).__name__

def connect(family, kind, where):
    with socket.socket(family, kind) as caller:
        caller.settimeout(5)
        caller.connect(where)
        return "connected"

class Probe(base_plugin.TBPlugin):
    plugin_name = "probe"
    def is_active(self):
        return False
    def get_plugin_apps(self):
        return {"/probe": self.probe}
    def probe(self, environ, start_response):
        tcp, unix = (socket.AF_INET, socket.SOCK_STREAM), (socket.AF_UNIX, socket.SOCK_STREAM)
        found = {
            "uid": attempt(os.getuid),
            "state": attempt(lambda: os.listdir("/var/lib/tbgateway")),
            "database": attempt(lambda: open("/var/lib/tbgateway/gateway.db", "rb").read(9)),
            "settings": attempt(lambda: open("/etc/tbgateway/tbgateway.toml").read()),
            "sockets": attempt(lambda: os.listdir("/run/tbgateway")),
            "control": attempt(lambda: connect(*unix, "/run/tbgateway/control.sock")),
            "host": attempt(lambda: connect(
                socket.AF_UNIX, socket.SOCK_SEQPACKET, "/run/tbgateway-boards.sock")),
            "gateway": attempt(lambda: connect(*tcp, ("127.0.0.1", PORT))),
            "network": attempt(lambda: connect(*tcp, ("192.0.2.1", 80))),
            "write": attempt(lambda: open("/srv/runs/a/written", "w")),
        }
        return Response(json.dumps(found), content_type="application/json")(environ, start_response)
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


class Hosted:
    """A container whose boards run under a user of their own, and the way to it."""

    def __init__(self, container: SystemdContainer, port: int) -> None:
        self.container = container
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path: str, body: object = None) -> Answer:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        method = "GET" if body is None else "POST"
        return fetch(self.url + path, auth=ADMIN, method=method, body=data, headers=headers)

    def ready(self) -> bool:
        try:
            return self.ask("/readyz").status == 200
        except OSError:
            return False

    def runs(self, board: str) -> Any:
        answer = self.ask(f"/boards/{board}/data/runs")
        return answer.json() if answer.status == 200 else None

    def processes(self, uid: int) -> list[psutil.Process]:
        everybody = psutil.process_iter(["uids"])
        return [one for one in everybody if one.info["uids"] and one.info["uids"].real == uid]


def _install_probe(container: SystemdContainer, port: int) -> None:
    (packages,) = (container.root / "opt" / "tbgateway" / "lib").glob("python*/site-packages")
    (packages / "probe.py").write_text(PROBE.replace("PORT", str(port)))
    metadata = packages / "probe-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[tensorboard_plugins]\nprobe = probe:Probe\n")


class WithProbe(SystemdContainer):
    """One with the plugin `probe` among its programs."""

    port = 0

    def _install_program(self) -> None:
        super()._install_program()
        _install_probe(self, self.port)


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    port = _free_port()
    settings = (
        f'[server]\nlisten = ["127.0.0.1:{port}"]\n\n[logdirs]\nruns = "/srv/runs"\n'
        '[boards]\nplugins = ["probe"]\n'
    )
    container = WithProbe(tmp_path, settings=settings, password=PASSWORD, hosted=True)
    container.port = port
    with container:
        machine = Hosted(container, port)
        eventually(machine.ready, what=f"ready; its log:\n{container.log[-3000:]}")
        yield machine


def test_boards_of_another_user_serve_and_reach_nothing_of_the_gateway(hosted: Hosted) -> None:
    container = hosted.container
    write_scalars(container.root / "srv" / "runs" / "a", {"loss": [3.0, 2.0, 1.0]})
    write_scalars(container.root / "srv" / "runs" / "b", {"loss": [1.0]})
    wanted = {"name": "vision", "experiments": ["/srv/runs/a"]}

    # A board serves, as another user, in a service of its own.
    created = hosted.ask("/api/v1/boards", wanted)
    assert created.status == 201, created
    eventually(lambda: hosted.runs("vision") == ["a"], what=f"it serves:\n{container.log[-3000:]}")
    boards = hosted.processes(container.host_uid)
    assert len(boards) == 4, boards  # the host, a forkserver, TensorBoard and its data server
    assert all(
        "tbgateway-boards.service" in Path(f"/proc/{one.pid}/cgroup").read_text() for one in boards
    )

    # What is added is shown; its memory is weighed though it is another user's.
    added = hosted.ask("/api/v1/boards/vision/experiments", {"add": ["/srv/runs/b"]})
    assert added.status == 200, added
    eventually(lambda: hosted.runs("vision") == ["a", "b"], what="the added one is shown")
    told = lambda: hosted.ask("/api/v1/boards/vision").json()["memory"]  # noqa: E731 - one question
    eventually(lambda: told() is not None, what="its memory is known")
    (board,) = (one for one in boards if one.name().startswith("tb"))
    resident = sum(one.memory_info().rss for one in (board, *board.children()))
    assert 2**20 < told() < resident, "shared memory is counted once"

    # Code in it finds nothing of the gateway's.
    found = hosted.ask("/boards/vision/data/plugin/probe/probe").json()
    assert found.pop("uid") == str(container.host_uid)
    refused = {"PermissionError", "FileNotFoundError", "ConnectionRefusedError", "OSError"}
    assert {name: said for name, said in found.items() if said not in refused} == {}

    # A board that is killed comes back; the gateway killed takes its boards along.
    board.kill()
    eventually(lambda: hosted.runs("vision") == ["a", "b"], what="it is started anew")
    container.run("systemctl", "kill", "--kill-who=main", "-s", "KILL", "tbgateway")
    eventually(hosted.ready, what="the gateway is back")
    eventually(lambda: hosted.runs("vision") == ["a", "b"], what="and its boards")
    titles = lambda: [one.name() for one in hosted.processes(container.host_uid)]  # noqa: E731 - the same
    eventually(
        lambda: sum(name.startswith("tb") for name in titles()) == 1, what="one of each board"
    )

    # The host killed: boards are started anew by the next one.
    container.run("systemctl", "kill", "-s", "KILL", "tbgateway-boards")
    eventually(lambda: hosted.runs("vision") == ["a", "b"], what="boards of a new host")

    # A stopped board ends, and a stopped gateway leaves none.
    container.run("systemctl", "stop", "tbgateway")
    assert container.show("Result") == "success"
    eventually(lambda: not any(name.startswith("tb") for name in titles()), what="no board is left")
