"""The host of boards: a process under another user that starts forkservers for a gateway."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from ordinary_user import NOBODY, PROJECT, interpreter

from tbgateway.domain.errors import InvalidInputError
from tbgateway.gateway.launching import launcher_maker
from tbgateway.launchers.host_link import HostLink
from tbgateway.launchers.launcher import Exited, LaunchError, Running
from tbgateway.settings import Settings
from tbgateway.worker.channel import Channel
from tbgateway.worker.messages import Order, Weigh

MakeBench = Callable[..., Awaitable[Any]]
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can start another user's process")


@pytest.fixture
def path(directory: Path) -> Path:
    """Return where the host listens: where its user may write, and boards' files may be read."""
    directory.chmod(0o755)
    (directory / "host").mkdir()
    os.chown(directory / "host", NOBODY, NOBODY)
    return directory / "host" / "socket"


@pytest.fixture
def host(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    paths = [str(PROJECT), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    environment = {"PYTHONPATH": ":".join(paths), "HOME": "/nonexistent"}
    command = [interpreter(environment, NOBODY), "-P", "-m", "tbgateway.launchers.board_host"]
    with subprocess.Popen(
        [*command, str(path)], user=NOBODY, group=NOBODY, extra_groups=[], env=environment, cwd="/"
    ) as process:
        while not (path.exists() and _listens(path)):
            assert process.poll() is None
        yield process
        process.terminate()


def _listens(path: Path) -> bool:
    try:
        Channel.connected(str(path), within=1).close()
    except OSError:
        return False
    return True


@AS_ROOT
@pytest.mark.slow
@pytest.mark.usefixtures("host")
async def test_its_boards_are_of_its_user_and_are_ended_weighed_and_cleared_up_after(
    path: Path, make_bench: MakeBench, write_run: Callable[..., None], eventually_true: Any
) -> None:
    write_run("a")
    bench = await make_bench("forkserver", host=HostLink(path))

    handle = await bench.start()

    assert isinstance(await bench.until(handle, lambda seen: isinstance(seen, Running)), Running)
    board = psutil.Process(handle.pid)
    assert board.uids().real == NOBODY
    assert await bench.get(handle, "/data/runs") == b'["a"]'
    temporary = Path(board.environ()["TMPDIR"]) if board.environ().get("TMPDIR") else None
    memory = await asyncio.to_thread(bench.launcher.memory, handle.pid)
    assert 2**20 < memory < board.memory_info().rss
    assert {handle.pid} < bench.launcher.pids()
    assert 0 not in bench.launcher.pids()

    await bench.launcher.stop(handle, grace=3)

    await eventually_true(lambda: not board.is_running())
    assert temporary is None or not temporary.exists()


@AS_ROOT
@pytest.mark.slow
async def test_a_board_is_lost_with_its_host_and_a_new_host_runs_the_next(
    path: Path, host: subprocess.Popen[bytes], make_bench: MakeBench, write_run: Callable[..., None]
) -> None:
    write_run("a")
    bench = await make_bench("forkserver", host=HostLink(path))
    handle = await bench.start()
    await bench.until(handle, lambda seen: isinstance(seen, Running))

    os.kill(handle.pid, signal.SIGKILL)
    ended = await bench.until(handle, lambda seen: isinstance(seen, Exited))
    assert ended.code == -signal.SIGKILL
    host.kill()
    host.wait()
    path.unlink()

    with pytest.raises(LaunchError, match=str(path)):
        await bench.start(generation=2)


async def test_without_a_host_a_start_says_where_it_was_looked_for(
    directory: Path, make_bench: MakeBench
) -> None:
    with pytest.raises(LaunchError, match="nowhere"):
        await make_bench("forkserver", host=HostLink(directory / "nowhere"))


@AS_ROOT
@pytest.mark.slow
@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("nonsense", [b"", b"no message", b'{"say": "weigh"}'])
async def test_who_talks_nonsense_is_cut_off_and_others_are_served(
    path: Path, nonsense: bytes
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
        caller.settimeout(60)
        caller.connect(str(path))
        if nonsense:
            caller.send(nonsense)
            assert caller.recv(100) == b""
    with pytest.raises(ProcessLookupError):  # of another user: it cannot tell
        HostLink(path).memory(os.getpid())


@AS_ROOT
@pytest.mark.slow
@pytest.mark.usefixtures("host")
async def test_it_takes_no_orders_and_boards_cannot_ask_it_anything(path: Path) -> None:
    line = Channel.connected(str(path), within=60)
    line.send(Order(launch_id="tb0123456789.1", title="", logdir="/", temporary=""))
    assert line.receive() is None
    line.close()

    asking = (
        "import sys; from tbgateway.worker.channel import Channel;"
        "from tbgateway.worker.messages import Weigh;"
        "line = Channel.connected(sys.argv[1], within=60); line.send(Weigh(1));"
        "print(line.receive())"
    )
    environment = {"PYTHONPATH": str(PROJECT)}
    paths = [str(PROJECT), *(entry for entry in sys.path if entry.endswith("site-packages"))]
    environment["PYTHONPATH"] = ":".join(paths)
    done = await asyncio.to_thread(
        subprocess.run,
        [interpreter(environment, NOBODY), "-c", asking, str(path)],
        user=NOBODY,
        group=NOBODY,
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() in {"None", ""}, done
    assert "Weighed" not in done.stdout
    with pytest.raises(ProcessLookupError):
        HostLink(path).memory(1)
    assert Weigh(1).pid == 1


def test_without_a_socket_it_says_what_to_do() -> None:
    command = [sys.executable, "-P", "-m", "tbgateway.launchers.board_host"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    assert done.returncode == os.EX_USAGE
    assert "tbgateway-boards.socket" in done.stderr


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"launcher": "exec"}, "boards.launcher"),
        ({}, "state.trees_dir"),
    ],
)
def test_settings_that_a_host_cannot_meet_are_refused(
    tmp_path: Path, overrides: dict[str, object], words: str
) -> None:
    settings = Settings.model_validate(
        {
            "state": {"dir": tmp_path / "s", "runtime_dir": tmp_path / "r"},
            "boards": {"host": tmp_path / "host", **overrides},
        }
    )
    with pytest.raises(InvalidInputError, match=words):
        launcher_maker(settings, with_assets=False)
