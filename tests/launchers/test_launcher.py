"""The contract of launchers: every one of them does all of this."""

import asyncio
import json
import os
import signal
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from tbgateway.launchers.endpoint import Endpoint
from tbgateway.launchers.launcher import (
    EngineUnreachableError,
    Exited,
    LaunchError,
    LaunchHandle,
    LaunchSpec,
    Lost,
    Pending,
    Running,
)


class Hold(Protocol):
    """Keeps the next board from becoming ready until it is let go."""

    def spec(self, generation: int = 1) -> LaunchSpec: ...

    async def let_go(self, handle: LaunchHandle) -> None: ...


class FakeHold:
    def __init__(self, bench: Any) -> None:
        self.bench = bench
        bench.launcher.hold = True

    def spec(self, generation: int = 1) -> LaunchSpec:
        return self.bench.spec(generation)

    async def let_go(self, handle: LaunchHandle) -> None:
        self.bench.launcher.hold = False
        await self.bench.launcher.release(handle.launch_id)


class FifoHold:
    """A named pipe among the event files: the Python loader's first load waits for a writer."""

    def __init__(self, bench: Any) -> None:
        self.bench = bench
        self.fifo: Path = bench.logdir / "held" / "events.out.tfevents.1.fifo"
        self.fifo.parent.mkdir()
        os.mkfifo(self.fifo)

    def spec(self, generation: int = 1) -> LaunchSpec:
        return replace(self.bench.spec(generation), loader="python")

    async def let_go(self, handle: LaunchHandle) -> None:
        del handle
        writer = await asyncio.to_thread(os.open, self.fifo, os.O_WRONLY)
        self.fifo.unlink()
        os.close(writer)


@pytest.fixture(
    params=[
        "fake",
        pytest.param("forkserver", marks=pytest.mark.slow),
        pytest.param("exec", marks=pytest.mark.slow),
    ]
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hold(bench: Any) -> Hold:
    return FakeHold(bench) if bench.kind == "fake" else FifoHold(bench)


@pytest.fixture
def kill(bench: Any) -> Callable[[LaunchHandle], Awaitable[None]]:
    async def kill(handle: LaunchHandle) -> None:
        if bench.kind == "fake":
            await bench.launcher.crash(handle.launch_id, -signal.SIGKILL)
        else:
            os.kill(handle.pid, signal.SIGKILL)

    return kill


async def test_starting_twice_starts_one_board(bench: Any) -> None:
    first, second = await asyncio.gather(
        bench.launcher.start(bench.spec()), bench.launcher.start(bench.spec())
    )

    assert first == second
    assert list(await bench.launcher.observe()) == [first.launch_id]


async def test_a_start_returns_before_the_board_is_ready(bench: Any, hold: Hold) -> None:
    handle = await bench.launcher.start(hold.spec())

    assert isinstance((await bench.launcher.observe())[handle.launch_id], Pending)

    await hold.let_go(handle)
    seen = await bench.until(handle, lambda seen: isinstance(seen, Running))
    assert seen.endpoint == Path(handle.endpoint)
    assert seen.notes


async def test_requests_wait_in_the_backlog_until_the_board_is_ready(
    bench: Any, hold: Hold
) -> None:
    handle = await bench.launcher.start(hold.spec())
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(bench.get(handle, "/data/environment")) for _ in range(3)]
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in waiting)
        await hold.let_go(handle)

    assert all(b"Vision, seen" in task.result() for task in waiting)


async def test_what_keeps_a_run_out_of_a_dashboard_is_told_until_it_is_over(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    config = bench.directory / "experiments" / "a" / "projector_config.pbtxt"
    config.write_text('embeddings { tensor_path: "gone.tsv" }')
    handle = await bench.start()
    if bench.kind == "fake":
        bench.launcher.trouble(handle.launch_id, "a", "it names gone.tsv")

    bench.hints.clear()
    seen = await bench.until(handle, lambda seen: bool(seen.problems))
    assert list(seen.problems) == ["a"]
    assert "gone.tsv" in seen.problems["a"]

    config.unlink()
    if bench.kind == "fake":
        bench.launcher.trouble(handle.launch_id, "a", "")
    seen = await bench.until(handle, lambda seen: not seen.problems)
    assert seen.notes
    assert bench.hints


async def test_hints_arrive_when_a_board_becomes_ready_and_when_it_ends(
    bench: Any, kill: Callable[[LaunchHandle], Awaitable[None]]
) -> None:
    handle = await bench.start()
    assert handle.launch_id in bench.hints

    bench.hints.clear()
    await kill(handle)
    await bench.until(handle, lambda seen: isinstance(seen, Exited))
    assert handle.launch_id in bench.hints


async def test_a_killed_board_has_exited_by_a_signal(
    bench: Any, kill: Callable[[LaunchHandle], Awaitable[None]]
) -> None:
    handle = await bench.start()
    await kill(handle)
    seen = await bench.until(handle, lambda seen: not isinstance(seen, Running))

    assert seen.code == -signal.SIGKILL
    assert "signal 9" in seen.reason or "SIGKILL" in seen.reason


async def test_a_dead_board_keeps_its_connections_waiting_until_it_is_stopped(
    bench: Any, kill: Callable[[LaunchHandle], Awaitable[None]]
) -> None:
    handle = await bench.start()
    await kill(handle)
    await bench.until(handle, lambda seen: isinstance(seen, Exited))
    reader, writer = await asyncio.open_unix_connection(handle.endpoint)
    writer.write(b"GET / HTTP/1.1\r\nHost: board\r\n\r\n")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)

    await bench.launcher.stop(handle, grace=0)
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def test_stopping_is_idempotent_and_removes_everything(bench: Any) -> None:
    handle = await bench.start()
    assert Path(handle.endpoint).is_socket()

    await bench.launcher.stop(handle, grace=10)
    await bench.launcher.stop(handle, grace=10)

    assert not Path(handle.endpoint).exists()
    assert handle.launch_id not in await bench.launcher.observe()
    assert not (bench.spec().scratch / handle.launch_id).exists()


async def test_a_generation_can_be_started_beside_the_one_before(bench: Any) -> None:
    first = await bench.start(generation=1)
    second = await bench.start(generation=2)
    await bench.launcher.stop(first, grace=10)

    assert list(await bench.launcher.observe()) == [second.launch_id]
    assert b"Vision, seen" in await bench.get(second, "/data/environment")


async def test_boards_of_an_earlier_launcher_are_stopped_by_their_handles(bench: Any) -> None:
    handle = await bench.start()
    kept = LaunchHandle.from_json(json.dumps(json.loads(handle.to_json())))
    later = bench.another_launcher()
    await later.open()
    try:
        await later.stop(kept, grace=10)
        await later.stop(kept, grace=10)
        assert not Path(handle.endpoint).exists()
        assert not await later.observe()
        if handle.pid:
            await bench.until(handle, lambda seen: isinstance(seen, Exited | Lost))
    finally:
        await later.close()


async def test_an_endpoint_that_an_earlier_launcher_left_is_replaced(bench: Any) -> None:
    spec = bench.spec()
    left = bench.runtime_dir / spec.launch_id
    left.touch()

    handle = await bench.start()

    assert Path(handle.endpoint) == left
    assert left.is_socket()


async def test_endpoints_that_a_killed_launcher_left_are_removed(bench: Any) -> None:
    Endpoint.bind(bench.runtime_dir / "tb0000000009.1").listener.close()
    handle = await bench.launcher.start(bench.spec())
    later = bench.another_launcher()
    await later.open()
    await later.close()

    assert {path.name for path in bench.runtime_dir.iterdir()} == {handle.launch_id}


async def test_the_processes_below_which_everything_is_a_boards_are_known(bench: Any) -> None:
    handle = await bench.launcher.start(bench.spec())
    pids = bench.launcher.pids()

    assert pids == frozenset() or handle.pid in pids
    assert os.getpid() not in pids
    assert len(pids) == {"fake": 0, "forkserver": 2, "exec": 1}[bench.kind]


async def test_only_the_gateways_own_user_can_reach_an_endpoint(bench: Any) -> None:
    handle = await bench.launcher.start(bench.spec())

    assert stat.S_IMODE(bench.runtime_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(handle.endpoint).stat().st_mode) == 0o600


async def test_a_runtime_directory_too_long_for_sockets_is_said_to_be(bench: Any) -> None:
    bench.runtime_dir = bench.directory / ("long" * 30)
    launcher = bench.another_launcher()
    await launcher.open()
    try:
        with pytest.raises(LaunchError, match="shorter"):
            await launcher.start(bench.spec())
        assert not await launcher.observe()
    finally:
        await launcher.close()


async def test_the_tail_holds_what_a_board_wrote_last(bench: Any) -> None:
    handle = await bench.start()
    if bench.kind == "fake":
        bench.launcher.say(handle.launch_id, "first")
        bench.launcher.say(handle.launch_id, "TensorBoard caught SIGTERM; exiting...")
    else:
        os.kill(handle.pid, signal.SIGTERM)
        await bench.until(handle, lambda seen: isinstance(seen, Exited))

    assert await bench.launcher.tail(handle, 1) == "TensorBoard caught SIGTERM; exiting..."
    await bench.launcher.stop(handle, grace=0)
    assert "caught SIGTERM" in await bench.launcher.tail(handle, 100)
    assert stat.S_IMODE(bench.spec().log.stat().st_mode) == 0o600


async def test_a_closed_launcher_leaves_nothing_and_cannot_be_asked(bench: Any) -> None:
    handle = await bench.start()
    await bench.launcher.close()

    assert not any(bench.runtime_dir.iterdir())
    if handle.pid:
        assert not Path(f"/proc/{handle.pid}").exists()
    with pytest.raises(EngineUnreachableError):
        await bench.launcher.observe()
