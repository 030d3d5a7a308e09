"""The forkserver itself: its one thread, its death, its plugins, and kernels that refuse."""

import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from board_family import capabilities, ended, family, held_sockets, listening_inodes

from tbgateway.launchers import forkserver_process
from tbgateway.launchers.launcher import (
    EngineUnreachableError,
    LaunchError,
    Lost,
    Pending,
    Running,
    ShortageError,
)
from tbgateway.launchers.process_launcher import Born, HandOver
from tbgateway.launchers.processes import is_over
from tbgateway.worker.messages import Order

pytestmark = pytest.mark.slow

_HERE = Path(__file__).parent
_WORKER = (sys.executable, "-P", "-m", "tbgateway.worker")
_WITHOUT_PROCESSES = """
import errno
import os
import runpy

fork = os.fork


def refuse():
    if os.path.exists({full!r}):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return fork()


os.fork = refuse
runpy.run_module("tbgateway.worker", run_name="__main__", alter_sys=True)
"""
_NO_NETWORKS = 'echo 0 > /proc/sys/user/max_net_namespaces; exec "$@"'


@pytest.fixture
def kind() -> str:
    return "forkserver"


@pytest.fixture
async def bench_with(bench: Any) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """Give the bench another launcher, one with options."""
    usual = bench.launcher
    others = []

    async def use(**options: Any) -> Any:
        bench.launcher = bench.another_launcher(**options)
        others.append(bench.launcher)
        await bench.launcher.open()
        return bench

    yield use
    for launcher in others:
        await launcher.close()
    bench.launcher = usual


def forkserver_of(pid: int) -> psutil.Process:
    parent = psutil.Process(pid).parent()
    assert parent is not None
    return parent


async def test_it_has_one_thread_and_no_boards_socket(bench: Any) -> None:
    handle = await bench.start()
    forkserver = forkserver_of(handle.pid)

    assert forkserver.num_threads() == 1
    assert forkserver.ppid() == os.getpid()
    assert not held_sockets(forkserver) & held_sockets(psutil.Process(handle.pid))


async def test_boards_of_a_dead_forkserver_serve_on_and_the_next_start_makes_a_new_one(
    bench: Any, eventually_true: Callable[..., Awaitable[None]]
) -> None:
    handle = await bench.start()
    processes = family(handle.pid)
    forkserver = forkserver_of(handle.pid)
    forkserver.kill()
    await eventually_true(lambda: ended(forkserver))

    second = await bench.start(generation=2)
    assert isinstance((await bench.launcher.observe())[handle.launch_id], Running)
    for one in (handle, second):
        assert b"Vision, seen" in await bench.get(one, "/data/environment")
    assert await bench.launcher.tail(handle, 1) is not None
    await bench.launcher.stop(handle, grace=10)
    assert all(map(ended, processes))
    assert list(await bench.launcher.observe()) == [second.launch_id]


@pytest.mark.parametrize("stopped", [False, True])
async def test_the_end_of_a_board_without_a_forkserver_is_noticed(
    bench: Any, eventually_true: Callable[..., Awaitable[None]], *, stopped: bool
) -> None:
    handle = await bench.start()
    board, data_server = family(handle.pid)
    forkserver_of(handle.pid).kill()
    await bench.start(generation=2)
    if stopped:  # it cannot see that it is alone; what is left of its group is killed
        data_server.suspend()
    board.kill()

    seen = await bench.until(handle, lambda seen: not isinstance(seen, Running))
    assert isinstance(seen, Lost)
    assert "only its forkserver could have told" in seen.reason
    await eventually_true(lambda: ended(data_server))


async def test_a_board_that_is_made_when_nobody_waits_for_it_any_more_ends(
    bench: Any,
    monkeypatch: pytest.MonkeyPatch,
    eventually_true: Callable[..., Awaitable[None]],
) -> None:
    """A forkserver that answers late is killed: what it made has no other parent to die with."""
    late: list[Born] = []

    async def answer_too_late(order: Order, hand_over: HandOver) -> Born:
        late.append(await make(order, hand_over))
        bench.launcher.make = make
        raise EngineUnreachableError("no answer yet")

    make = bench.launcher.make
    monkeypatch.setattr(bench.launcher, "make", answer_too_late)
    handle = await bench.start()

    assert handle.pid != late[0].pid
    await eventually_true(lambda: is_over(late[0].pid, late[0].started))
    assert b"Vision, seen" in await bench.get(handle, "/data/environment")


async def test_a_stopped_forkserver_does_not_hide_what_its_boards_do(bench: Any) -> None:
    handle = await bench.launcher.start(bench.spec())
    forkserver = forkserver_of(handle.pid)
    forkserver.suspend()
    try:
        await bench.until(handle, lambda seen: not isinstance(seen, Pending))
        assert b"Vision, seen" in await bench.get(handle, "/data/environment")
        await bench.launcher.stop(handle, grace=10)
        assert not await bench.launcher.observe()
    finally:
        forkserver.resume()


async def test_a_forkserver_that_hangs_is_replaced(
    bench: Any,
    monkeypatch: pytest.MonkeyPatch,
    eventually_true: Callable[..., Awaitable[None]],
) -> None:
    monkeypatch.setattr(forkserver_process, "_ANSWERS_WITHIN", 1.0)
    first = await bench.start()
    hanging = forkserver_of(first.pid)
    hanging.suspend()

    second = await bench.start(generation=2)
    await eventually_true(lambda: ended(hanging))
    assert forkserver_of(second.pid).pid != hanging.pid
    for one in (first, second):
        assert isinstance((await bench.launcher.observe())[one.launch_id], Running)
        assert b"Vision, seen" in await bench.get(one, "/data/environment")
    await bench.launcher.stop(first, grace=0)
    assert list(await bench.launcher.observe()) == [second.launch_id]


async def test_a_forkserver_that_cannot_fork_is_short_of_something_and_stays(
    bench: Any, bench_with: Callable[..., Awaitable[Any]], tmp_path: Path
) -> None:
    program = tmp_path / "forkserver.py"
    program.write_text(_WITHOUT_PROCESSES.format(full=str(tmp_path / "full")))
    (tmp_path / "full").touch()
    await bench_with(command=(sys.executable, str(program)))
    with pytest.raises(ShortageError) as refused:
        await bench.start()
    assert str(refused.value) == "no process for a board: too many processes"
    assert await bench.launcher.observe() == {}
    before = bench.launcher.pids()
    assert len(before) == 1

    (tmp_path / "full").unlink()
    second = await bench.start(generation=2)
    assert forkserver_of(second.pid).pid in before


@pytest.mark.usefixtures("straying_boards")
@pytest.mark.parametrize("plugins", [("wicked",)])
async def test_what_left_a_boards_session_ends_with_it(
    bench: Any, eventually_true: Callable[..., Awaitable[None]]
) -> None:
    handle, other = await bench.start(), await bench.start(generation=2)
    (stray,) = (one for one in family(handle.pid) if one.name() == "stray")
    (others,) = (one for one in family(other.pid) if one.name() == "stray")

    psutil.Process(handle.pid).kill()
    await eventually_true(lambda: not stray.is_running(), within=5)
    assert not ended(others)

    await bench.launcher.close()
    await eventually_true(lambda: not others.is_running(), within=5)


async def test_a_forkserver_has_time_to_import_tensorboard(
    bench_with: Callable[..., Awaitable[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forkserver_process, "_ANSWERS_WITHIN", 1.0)
    slow = ["sh", "-c", 'sleep 2; exec "$@"', "sh", *_WORKER]
    assert await (await bench_with(command=slow)).start()


async def test_many_boards_are_started_at_once(bench: Any) -> None:
    handles = [await bench.launcher.start(bench.spec(number)) for number in range(8)]
    for handle in handles:
        await bench.until(handle, lambda seen: isinstance(seen, Running))

    assert len({handle.pid for handle in handles}) == 8


async def test_a_forkserver_that_cannot_start_says_why(
    bench_with: Callable[..., Awaitable[Any]],
) -> None:
    bench = await bench_with(command=[sys.executable, "-c", "import sys; sys.exit('no luck')"])

    with pytest.raises(LaunchError, match="no luck"):
        await bench.launcher.start(bench.spec())


async def test_an_interpreter_that_cannot_be_run_is_named(bench: Any, tmp_path: Path) -> None:
    closed = tmp_path / "python"
    closed.touch(mode=0o600)
    launcher = bench.another_launcher(command=[str(closed)])

    with pytest.raises(LaunchError, match=f"{closed} cannot be run: Permission denied"):
        await launcher.open()
    await launcher.close()


async def test_where_the_kernel_refuses_new_networks_boards_run_on_the_python_loader(
    bench_with: Callable[..., Awaitable[Any]], write_run: Callable[..., None]
) -> None:
    write_run("a")
    limited = ["unshare", "--user", "--map-root-user", "sh", "-c", _NO_NETWORKS, "sh", *_WORKER]
    bench = await bench_with(command=limited)

    required = await bench.start(generation=1)
    (note,) = (await bench.launcher.observe())[required.launch_id].notes
    assert note.startswith("Python loader (slow on large logdirs): no private network")
    assert json.loads(await bench.get(required, "/data/runs")) == ["a"]
    assert len(family(required.pid)) == 1

    preferred = await bench.start(generation=2, isolation="prefer")
    (note,) = (await bench.launcher.observe())[preferred.launch_id].notes
    assert "open to every local user" in note
    assert json.loads(await bench.get(preferred, "/data/runs")) == ["a"]
    assert held_sockets(family(preferred.pid)[1]) & listening_inodes()


@pytest.mark.parametrize("allowed", [(), ("other",)])
async def test_boards_of_an_ordinary_user_are_as_private(
    directory: Path,
    bench_with: Callable[..., Awaitable[Any]],
    write_run: Callable[..., None],
    allowed: tuple[str, ...],
) -> None:
    """Also where the forkserver of allowed plugins has left the host's network before them."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    write_run("a")
    directory.chmod(0o755)
    command = [sys.executable, _HERE / "forkserver_as_nobody.py"]
    bench = await bench_with(command=command, plugins=allowed)

    handle = await bench.start()
    board, data_server = family(handle.pid)
    assert board.uids().real == data_server.uids().real == 65534
    assert capabilities(board) == capabilities(data_server) == 0
    assert json.loads(await bench.get(handle, "/data/runs")) == ["a"]
    (note,) = (await bench.launcher.observe())[handle.launch_id].notes
    assert note == "Rust data server in a private network"
    assert held_sockets(data_server) & listening_inodes(data_server.pid)
    assert not held_sockets(data_server) & listening_inodes()
    await bench.launcher.stop(handle, grace=10)
    assert ended(board)
