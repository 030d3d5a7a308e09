"""A board reads the logdirs and nothing else, whatever an experiment links to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from board_family import family

from tbgateway.worker import landlock

pytestmark = pytest.mark.slow


@pytest.fixture(params=["forkserver", "exec"])
def kind(request: pytest.FixtureRequest) -> str:
    try:
        landlock.version()
    except OSError:
        pytest.skip("landlock is not offered on this machine")
    kind: str = request.param
    return kind


@pytest.fixture
def _links_out(directory: Path, write_run: Callable[..., None]) -> None:
    """Have an experiment link to a directory and to an event file that are not its owner's."""
    write_run("mine")
    write_run("theirs")
    (directory / "logdir" / "theirs").unlink()
    secret = (directory / "experiments" / "theirs").rename(directory / "theirs")
    (event_file,) = secret.iterdir()
    mine = directory / "experiments" / "mine"
    (mine / "directory").symlink_to(secret)
    (mine / "file").mkdir()
    (mine / "file" / event_file.name).symlink_to(event_file)


@pytest.mark.usefixtures("_links_out")
@pytest.mark.parametrize("loader", ["auto", "python"])
async def test_links_out_of_the_logdirs_lead_nowhere(
    bench: Any, directory: Path, loader: str
) -> None:
    roots = (directory / "experiments",)
    handle = await bench.start(loader=loader, readable=roots)

    runs = json.loads(await bench.get(handle, "/data/runs"))
    notes = (await bench.launcher.observe())[handle.launch_id].notes
    assert runs == ["mine"]
    assert not [note for note in notes if "not kept from" in note]


@pytest.mark.usefixtures("_links_out")
async def test_they_would_lead_there_if_that_were_allowed(bench: Any, directory: Path) -> None:
    handle = await bench.start(readable=(directory,))

    runs = json.loads(await bench.get(handle, "/data/runs"))
    assert set(runs) == {"mine", "mine/directory", "mine/file"}


async def test_every_process_of_a_board_is_the_first_to_go_when_memory_ends(bench: Any) -> None:
    handle = await bench.start()

    ours = int(Path("/proc/self/oom_score_adj").read_text())
    for process in family(handle.pid):
        theirs = int(Path(f"/proc/{process.pid}/oom_score_adj").read_text())
        assert theirs == max(500, ours)


_CURIOUS = """
import socket
from tensorboard.plugins.scalar.scalars_plugin import ScalarsPlugin

class Plugin(ScalarsPlugin):
    plugin_name = "wicked"

    def __init__(self, context):
        super().__init__(context)
        if context.flags.window_title == "curious":
            raise RuntimeError(f"it said {{ask({path!r})}}")

def ask(path):
    with socket.socket(socket.AF_UNIX) as caller:
        caller.settimeout(30)
        caller.connect(path)
        try:
            caller.sendall(b"GET /data/runs HTTP/1.0\\r\\n\\r\\n")
            return caller.recv(65536)
        except (BrokenPipeError, ConnectionResetError):
            return b""
"""


@pytest.fixture
def _curious_plugin(directory: Path, install_plugin: Callable[[str], None]) -> None:
    """Have boards called "curious" connect to the first board's socket, and tell what it says."""
    install_plugin(_CURIOUS.format(path=str(directory / "run" / "tb0123456789.1")))


@pytest.mark.usefixtures("_curious_plugin")
@pytest.mark.parametrize("plugins", [("wicked",)])
async def test_a_board_that_asks_another_past_its_password_is_told_nothing(bench: Any) -> None:
    victim = await bench.start()
    curious = await bench.start(generation=2, launch_id="tb0123456789.2", title="curious")

    notes = (await bench.launcher.observe())[curious.launch_id].notes
    assert any("RuntimeError: it said b''" in note for note in notes), notes
    assert json.loads(await bench.get(victim, "/data/runs")) == []
