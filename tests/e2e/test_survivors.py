"""What a plugin leaves behind when the gateway is killed, and what that may do to the next one."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running_gateway import RunningGateway, eventually

pytestmark = pytest.mark.slow

PLUGIN = """
import ctypes, json, os, resource, socket, time

from tensorboard.plugins import base_plugin

CONTROL = "@CONTROL@"


def ask():
    with socket.socket(socket.AF_UNIX) as connected:
        connected.settimeout(30)
        connected.connect(CONTROL)
        connected.sendall(b"GET /api/v1/members HTTP/1.0\\r\\n\\r\\n")
        return b"".join(iter(lambda: connected.recv(65536), b"")).decode()


def tell(place, **said):
    said |= {"pid": os.getpid(), "parent": os.getppid()}
    said["no_new_privs"] = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)
    said["largest_file"] = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    with open(place + ".new", "w") as file:
        json.dump(said, file)
    os.rename(place + ".new", place)


def survive(place, forkserver):
    os.setsid()
    if os.fork():
        os._exit(0)
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG
    tell(place)
    while os.path.exists("/proc/%d" % forkserver):
        time.sleep(0.02)
    while True:
        try:
            tell(place, answer=ask())
        except OSError:
            pass
        time.sleep(0.2)


class SurvivingPlugin(base_plugin.TBPlugin):
    plugin_name = "surviving"

    def __init__(self, context):
        place = "@TOLD@"
        if not os.path.exists(place):
            forkserver = os.getppid()
            if os.fork() == 0:
                survive(place, forkserver)

    def get_plugin_apps(self):
        return {}

    def is_active(self):
        return False
"""
METADATA = "Metadata-Version: 2.1\nName: surviving-plugin\nVersion: 1.0\n"
ENTRY_POINTS = "[tensorboard_plugins]\nsurviving = surviving_plugin:SurvivingPlugin\n"


@pytest.fixture
def told() -> Iterator[Path]:
    """Return the file in which the survivor tells about itself; kill it in the end."""
    # Where boards with plugins may write, whatever the kernel keeps from them.
    place = Path("/dev/shm") / f"tbgateway-survivor-{os.getpid()}"  # noqa: S108 - as said
    yield place
    if place.exists():
        os.kill(json.loads(place.read_text())["pid"], signal.SIGKILL)
        place.unlink()


def install(directory: Path, control: Path, told: Path) -> None:
    package, installed = (
        directory / "surviving_plugin",
        directory / "surviving_plugin-1.0.dist-info",
    )
    package.mkdir(parents=True)
    installed.mkdir()
    code = PLUGIN.replace("@CONTROL@", str(control)).replace("@TOLD@", str(told))
    (package / "__init__.py").write_text(code)
    (installed / "METADATA").write_text(METADATA)
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)


def test_what_outlives_a_killed_gateway_gives_no_orders_to_the_next_one(
    start_gateway: Callable[..., RunningGateway], runs: Path, tmp_path: Path, told: Path
) -> None:
    plugins = tmp_path / "plugins"
    install(plugins, tmp_path / "gateway" / "run" / "control", told)
    environment = {
        "PYTHONPATH": str(plugins),
        "TBGATEWAY_BOARDS__PLUGINS": "surviving-plugin",
    }
    gateway = start_gateway(runs, environment=environment)
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    first = eventually(lambda: _read(told), what="the plugin's process runs")
    gateway.kill()
    gateway.start()

    after = eventually(lambda: _answered(told), what="it has asked the next gateway")

    assert after["pid"] == first["pid"], "it is the old one's"
    head, _, body = after["answer"].partition("\r\n\r\n")
    assert head.split()[1] == "403"
    assert "another network" in body or "no_new_privs" in body
    # Each would do: which of them tells depends on the machine.
    assert (after["no_new_privs"], after["largest_file"]) == (1, 256 * 2**20)
    assert after["parent"] != first["parent"], "nobody could tell by its descent"
    assert gateway.cli("board", "list").returncode == 0, "others may"


def _read(told: Path) -> dict[str, Any]:
    return json.loads(told.read_text()) if told.exists() else {}


def _answered(told: Path) -> dict[str, Any]:
    said = _read(told)
    return said if said.get("answer") else {}
