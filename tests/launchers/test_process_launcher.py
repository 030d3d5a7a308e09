"""Real boards: what their processes are, hold and answer, however they were made."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from board_family import READ_SEARCH, capabilities, ended, family, held_sockets, listening_inodes

from tbgateway.dataplane.local_peers import descends_from
from tbgateway.launchers import board_log
from tbgateway.launchers.launcher import (
    EngineUnreachableError,
    Exited,
    LaunchError,
    LaunchHandle,
)
from tbgateway.launchers.process_launcher import Born, HandOver, ProcessLauncher
from tbgateway.worker import kernel
from tbgateway.worker.channel import Descriptors
from tbgateway.worker.messages import Order

pytestmark = pytest.mark.slow

_DEATH_WITHIN = 5.0  # seconds
_HERE = Path(__file__).parent


@pytest.fixture(params=["forkserver", "exec"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def descriptors() -> set[int]:
    """Return the numbers of the descriptors that this process has open."""
    found = list(Path("/proc/self/fd").iterdir())
    return {int(one.name) for one in found if one.is_symlink()}  # but for that of the listing


async def points(bench: Any, handle: LaunchHandle) -> list[Any]:
    answer: list[Any] = json.loads(
        await bench.get(handle, "/data/plugin/scalars/scalars?run=a&tag=loss")
    )
    return answer


async def test_event_files_are_listed_as_soon_as_a_board_runs(
    bench: Any, write_run: Callable[..., None]
) -> None:
    names = ["a", "b with, comma", "project/c ü #%"]
    for name in names:
        write_run(name)
    handle = await bench.start()

    assert sorted(json.loads(await bench.get(handle, "/data/runs"))) == sorted(names)
    assert len(await points(bench, handle)) == 3


async def test_links_are_added_and_removed_while_a_board_runs(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    handle = await bench.start()
    write_run("b")
    (bench.logdir / "a").unlink()

    async with asyncio.timeout(60):
        while json.loads(await bench.get(handle, "/data/runs")) != ["b"]:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("loader", ["auto", "python"])
async def test_both_loaders_keep_as_many_samples_as_they_are_told(
    bench: Any, write_run: Callable[..., None], loader: str
) -> None:
    write_run("a", points=100)
    handle = await bench.start(loader=loader, samples_per_plugin={"scalars": 7})

    assert len(await points(bench, handle)) == 7


async def test_the_web_page_and_its_scripts_come_from_the_board(bench: Any) -> None:
    handle = await bench.start()

    assert b"tb-relative-root" in await bench.get(handle, "/")
    assert len(await bench.get(handle, "/index.js")) > 1_000_000


async def test_nothing_a_board_answers_names_its_directories(bench: Any) -> None:
    handle = await bench.start()
    for target in ("/data/environment", "/data/logdir", "/data/window_properties"):
        answer = await bench.get(handle, target)
        assert str(bench.directory).encode() not in answer
        assert b"Vision, seen" in answer
    assert "debug" not in json.loads(await bench.get(handle, "/data/environment"))


async def test_no_board_listens_on_the_hosts_network(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    handle = await bench.start()
    board, data_server = family(handle.pid)
    held = held_sockets(board, data_server)

    assert not held & listening_inodes()
    assert held & listening_inodes(data_server.pid), "it listens in a network of its own"
    ours, theirs = (Path(f"/proc/{pid}/ns/net").readlink() for pid in ("self", data_server.pid))
    assert ours != theirs


async def test_board_processes_have_no_capability_but_to_read(bench: Any) -> None:
    handle = await bench.start()

    for process in family(handle.pid):
        assert capabilities(process) & ~READ_SEARCH == 0


async def test_board_processes_are_a_session_of_their_own_with_a_directory_of_their_own(
    bench: Any,
) -> None:
    handle = await bench.start()
    board, data_server = family(handle.pid)

    assert os.getsid(board.pid) == os.getpgid(data_server.pid) == board.pid
    assert board.name() == handle.launch_id
    assert board.environ() != {}
    assert (bench.spec().scratch / handle.launch_id).stat().st_mode & 0o777 == 0o700


async def test_nothing_secret_reaches_the_workers(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TBGATEWAY_SECRET", "hunter2")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@proxy")
    launcher = bench.another_launcher()
    await launcher.open()
    try:
        handle = await launcher.start(bench.spec())
        for process in psutil.Process().children(recursive=True):
            assert "hunter2" not in str(process.environ())
            assert "hunter2" not in str(process.cmdline())
        await launcher.stop(handle, grace=0)
    finally:
        await launcher.close()


async def test_a_board_whose_data_server_dies_ends_and_says_so(bench: Any) -> None:
    handle = await bench.start()
    family(handle.pid)[1].send_signal(signal.SIGKILL)
    seen = await bench.until(handle, lambda seen: isinstance(seen, Exited))

    assert seen == Exited(70, "the data server ended (signal 9)")
    assert "the data server ended" in await bench.launcher.tail(handle, 5)


async def test_a_killed_board_takes_its_data_server_along(
    bench: Any, eventually_true: Callable[..., Awaitable[None]]
) -> None:
    handle = await bench.start()
    board, data_server = family(handle.pid)
    board.kill()

    await eventually_true(lambda: ended(data_server), within=_DEATH_WITHIN)


async def test_a_board_stopped_gently_exits_by_itself(bench: Any) -> None:
    handle = await bench.start()
    os.kill(handle.pid, signal.SIGTERM)
    seen = await bench.until(handle, lambda seen: isinstance(seen, Exited))

    assert seen.code == 0


async def test_a_board_that_does_not_listen_to_reason_is_killed(bench: Any) -> None:
    handle = await bench.start()
    os.kill(handle.pid, signal.SIGSTOP)
    processes = family(handle.pid)
    await bench.launcher.stop(handle, grace=0.1)

    assert not await bench.launcher.observe()
    assert ended(processes[0])


async def test_the_python_loader_is_left_waiting_no_longer_than_it_is_told(bench: Any) -> None:
    (bench.logdir / "held").mkdir()
    os.mkfifo(bench.logdir / "held" / "events.out.tfevents.1.fifo")
    handle = await bench.start(loader="python", first_load_timeout=0.2)
    seen = (await bench.launcher.observe())[handle.launch_id]

    assert seen.notes == (
        "Python loader, as asked for",
        "opened before its first load was over, after 0.2 s",
    )
    assert seen.loads_itself


async def test_the_python_loader_does_not_run_in_circles(
    bench: Any, write_run: Callable[..., None]
) -> None:
    write_run("a")
    experiment = bench.directory / "experiments" / "a"
    (experiment / "up").symlink_to(experiment.parent)
    (experiment / "self").symlink_to(experiment)
    (experiment / "again").symlink_to(".")
    handle = await bench.start(loader="python")

    assert json.loads(await bench.get(handle, "/data/runs")) == ["a"]
    assert "leads back to a directory above it" in await bench.launcher.tail(handle, 20)


@pytest.mark.parametrize("loader", ["auto", "python"])
async def test_a_missing_experiment_does_not_keep_the_others_away(
    bench: Any, write_run: Callable[..., None], loader: str
) -> None:
    write_run("a")
    (bench.logdir / "gone").symlink_to(bench.directory / "gone")
    (bench.logdir / "knot").symlink_to(bench.logdir / "knot")
    handle = await bench.start(loader=loader)

    assert json.loads(await bench.get(handle, "/data/runs")) == ["a"]


async def test_nothing_survives_a_launcher_that_is_killed(
    kind: str, directory: Path, eventually_true: Callable[..., Awaitable[None]]
) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, _HERE / "holder.py", kind, directory, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    handle = LaunchHandle.from_json((await holder.stdout.readline()).decode())
    everything = psutil.Process(holder.pid).children(recursive=True)
    assert handle.pid in {process.pid for process in everything}
    assert len(everything) == (3 if kind == "forkserver" else 2)

    holder.kill()
    await holder.communicate()

    await eventually_true(lambda: all(map(ended, everything)), within=_DEATH_WITHIN)


async def test_an_interruption_from_the_terminal_is_left_to_the_gateway(
    kind: str, directory: Path
) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable,
        _HERE / "holder.py",
        kind,
        directory,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline(), "the board runs"
    everything = psutil.Process(holder.pid).children(recursive=True)

    os.killpg(holder.pid, signal.SIGINT)
    try:
        assert await holder.stdout.readline() == b"interrupted\n"
        await asyncio.sleep(0.3)
        assert not any(map(ended, everything))
        assert holder.pid not in {os.getsid(process.pid) for process in everything}
    finally:
        holder.kill()
        await holder.communicate()


@pytest.mark.usefixtures("straying_boards")
@pytest.mark.parametrize("plugins", [("wicked",)])
async def test_what_leaves_a_boards_session_still_counts_as_the_board(bench: Any) -> None:
    handle = await bench.start()
    (stray,) = (one for one in family(handle.pid) if one.name() == "stray")
    assert os.getsid(stray.pid) != os.getsid(handle.pid)
    assert descends_from(bench.launcher.pids)(stray.pid)
    assert not descends_from(bench.launcher.pids)(os.getpid())

    stray.kill()


async def test_refused_starts_leave_no_descriptor(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.start()
    before = descriptors()

    async def refuse(*_: object) -> None:
        raise EngineUnreachableError("no answer")

    monkeypatch.setattr(bench.launcher, "make", refuse)
    for generation in range(2, 12):
        with pytest.raises(EngineUnreachableError):
            await bench.launcher.start(bench.spec(generation))
    assert descriptors() == before


@pytest.mark.parametrize("room", range(1, 9))
async def test_where_descriptors_run_out_a_start_is_refused_and_leaves_none(
    bench: Any, room: int
) -> None:
    await bench.start()
    before = descriptors()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = [number for number in range(limits[0]) if number not in before]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[room], limits[1]))
    try:
        with suppress(LaunchError, EngineUnreachableError):
            handle = await bench.launcher.start(bench.spec(2))
            await bench.launcher.stop(handle, grace=0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert descriptors() == before
    assert {path.name for path in bench.runtime_dir.iterdir()} == {bench.spec(1).launch_id}


async def test_scratch_that_earlier_generations_left_is_removed(bench: Any) -> None:
    scratch = bench.spec().scratch
    left = scratch / "tb0123456789.7"
    left.mkdir(parents=True)
    (left / "file").touch()
    (scratch / "not ours").mkdir()

    await bench.start()

    assert {path.name for path in scratch.iterdir()} == {"tb0123456789.1", "not ours"}


class _Short(ProcessLauncher):
    """Makes processes that say something and end."""

    name = "short"

    async def make(self, order: Order, hand_over: HandOver) -> Born:
        del order
        process = hand_over(_last_words)
        started = kernel.started_at(process.pid)
        process.wait()
        return Born(process.pid, started)


def _last_words(descriptors: Descriptors) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sh", "-c", "echo last words >&2"], stderr=descriptors.stderr)


async def test_a_board_that_is_stopped_writes_no_more(
    bench: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append_late(path: Path, chunk: bytes, half: int) -> None:
        time.sleep(0.2)  # longer than a deletion takes
        append(path, chunk, half)

    append = board_log._write
    monkeypatch.setattr(board_log, "_write", append_late)
    launcher = _Short(directory / "run", lambda _: None)
    await launcher.open()
    await launcher.stop(await launcher.start(bench.spec()), grace=0)

    assert bench.spec().log.read_text() == "last words\n"
    await launcher.close()
