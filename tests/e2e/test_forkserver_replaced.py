"""A forkserver that is killed, hangs or is out of date: boards serve on, a new one makes others.

And they die with the gateway all the same, whatever state they are in.
"""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from process_tree import assert_gone, descendants, socket_inodes, unix_sockets
from running_gateway import ADMIN_PASSWORD, RunningGateway, eventually

pytestmark = pytest.mark.slow
ADMIN = ("admin", ADMIN_PASSWORD)
BOTH = ["first/train", "first/val"]

PLUGIN = """
import ctypes

from tensorboard.plugins import base_plugin
from werkzeug import wrappers


class LatePlugin(base_plugin.TBPlugin):
    plugin_name = "late"

    def get_plugin_apps(self):
        return {"/hold": hold}

    def is_active(self):
        return True


@wrappers.Request.application
def hold(request):
    ctypes.PyDLL(None).pause()  # it keeps the interpreter's lock, for ever
"""
METADATA = "Metadata-Version: 2.1\nName: late-plugin\nVersion: 1.0\n"
ENTRY_POINTS = "[tensorboard_plugins]\nlate = late_plugin:LatePlugin\n"


def install(directory: Path) -> None:
    installed = directory / "late_plugin-1.0.dist-info"
    installed.mkdir(parents=True)
    (directory / "late_plugin.py").write_text(PLUGIN)
    (installed / "METADATA").write_text(METADATA)
    (installed / "entry_points.txt").write_text(ENTRY_POINTS)


def with_plugins(directory: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(directory), "TBGATEWAY_BOARDS__PLUGINS": "late-plugin"}


def forkservers(gateway: RunningGateway) -> list[psutil.Process]:
    """Return the living ones, oldest first."""
    assert gateway.process is not None
    children = psutil.Process(gateway.process.pid).children()
    living = [one for one in children if one.status() != psutil.STATUS_ZOMBIE]
    return sorted(
        (one for one in living if "tbgateway.worker" in one.cmdline()),
        key=psutil.Process.create_time,
    )


def boards(gateway: RunningGateway) -> list[psutil.Process]:
    """Return the boards' processes, whoever their parent is, with their data servers."""
    ours = {inode for inode, path in unix_sockets(gateway.home / "run").items() if "/tb" in path}
    found = [
        one
        for one in psutil.process_iter(["name"])
        if one.info["name"].startswith("tb") and ours & socket_inodes(one)
    ]
    return [process for one in found for process in (one, *one.children(recursive=True))]


def plugins_of(gateway: RunningGateway, board: str) -> set[str]:
    answer = gateway.get(f"/boards/{board}/data/plugins_listing", ADMIN)
    assert answer.status == 200, answer
    return set(answer.json())


def test_a_killed_forkserver_takes_no_board_along(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    before = boards(gateway)
    (old,) = forkservers(gateway)
    old.kill()
    assert_gone([old])

    gateway.cli("board", "create", "two", "-e", "first", "--wait")
    assert [gateway.runs(name) for name in ("one", "two")] == [BOTH, BOTH]
    (new,) = forkservers(gateway)
    assert new.pid != old.pid
    assert set(before) < set(boards(gateway)), "no process of the first board was made anew"

    before[0].kill()
    assert gateway.runs("one") == BOTH, "its end is noticed though it is nobody's child"
    gateway.cli("board", "delete", "one", "two", "--yes", status=None)
    assert gateway.stop() == 0
    assert_gone([new, *before])


def test_a_hung_forkserver_is_replaced_while_a_board_waits_for_it(gateway: RunningGateway) -> None:
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    before = boards(gateway)
    (old,) = forkservers(gateway)
    old.suspend()

    gateway.cli("board", "create", "two", "-e", "first", "--wait")
    assert_gone([old])
    assert [gateway.runs(name) for name in ("one", "two")] == [BOTH, BOTH]
    assert set(before) < set(boards(gateway))
    board = gateway.admin("/api/v1/boards/two").json()
    assert (board["state"], board["reason"]) == ("running", "")


def test_a_forkserver_that_is_out_of_date_is_replaced_and_ends_with_its_last_board(
    start_gateway: Callable[..., RunningGateway], runs: Path, tmp_path: Path
) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    gateway = start_gateway(runs, environment=with_plugins(plugins))
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    before = boards(gateway)
    (old,) = forkservers(gateway)
    install(plugins)

    (_, new) = eventually(
        lambda: forkservers(gateway) if len(forkservers(gateway)) > 1 else (),
        what="a new forkserver beside the old one",
    )
    eventually(lambda: "took over" in gateway.log.read_text(), what="it takes over")
    gateway.cli("board", "create", "two", "-e", "first", "--wait")
    assert "late" in plugins_of(gateway, "two")
    assert "late" not in plugins_of(gateway, "one")
    assert gateway.runs("one") == BOTH
    assert set(before) < set(boards(gateway))

    gateway.cli("board", "stop", "one")
    assert_gone([old, *before])
    assert [one.pid for one in forkservers(gateway)] == [new.pid]
    gateway.cli("board", "start", "one")
    assert "late" in plugins_of(gateway, "one")


@pytest.mark.parametrize("orphaned", [False, True], ids=["forked", "without a forkserver"])
@pytest.mark.parametrize("how", ["idle", "stopped", "holding the lock"])
def test_boards_die_with_a_killed_gateway(
    start_gateway: Callable[..., RunningGateway],
    runs: Path,
    tmp_path: Path,
    how: str,
    *,
    orphaned: bool,
) -> None:
    install(tmp_path / "plugins")
    gateway = start_gateway(runs, environment=with_plugins(tmp_path / "plugins"))
    gateway.cli("board", "create", "one", "-e", "first", "--wait")
    assert "late" in plugins_of(gateway, "one")
    left = {*boards(gateway), *descendants(gateway)}
    if orphaned:
        (forkserver,) = forkservers(gateway)
        forkserver.kill()
        assert_gone([forkserver])
    if how == "stopped":
        for process in boards(gateway):
            process.suspend()
    if how == "holding the lock":
        with pytest.raises(TimeoutError):
            gateway.get("/boards/one/data/plugin/late/hold", ADMIN, timeout=1)
    assert len(boards(gateway)) == 2, "it lives, with its data server"

    gateway.kill()

    assert_gone(list(left))
