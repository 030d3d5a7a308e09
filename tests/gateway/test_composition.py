"""Starting and stopping everything; the boards are fakes."""

import asyncio
import gc
import json
import os
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from experiment_site import EVENTS, write
from gateway_in_process import PATIENCE, Launchers, check_nothing_is_left, get, started
from house import CHIEF

from tbgateway import discovery
from tbgateway.boards import Entry
from tbgateway.discovery import Scanner
from tbgateway.domain.errors import (
    ConflictError,
    InvalidInputError,
    TbgatewayError,
    UnavailableError,
)
from tbgateway.domain.model import Access, Board, Experiment, LaunchRecord, Membership
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId
from tbgateway.gateway import composition
from tbgateway.launchers.fake import FakeLauncher
from tbgateway.launchers.launcher import LaunchError, LaunchHandle
from tbgateway.store import Store
from tbgateway.supervisor.layout import Layout

OPEN = Entry(access=Access.PUBLIC)


async def until_answers(url: str, status: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await get(url))[0] != status:
            await asyncio.sleep(0.01)


def held_by_this_process() -> tuple[int, int, int]:
    """Return how many descriptors, threads and tasks there are; asyncio's pool is not counted."""
    gc.collect()
    tasks = len(asyncio.all_tasks())
    threads = [one for one in threading.enumerate() if not one.name.startswith("asyncio_")]
    return len(list(Path("/proc/self/fd").iterdir())), len(threads), tasks


async def test_a_gateway_starts_and_stops_again_and_again_on_the_same_state(home: Path) -> None:
    write(home / "runs" / "a" / EVENTS)
    held = []
    for round_ in range(4):
        async with started(home) as house:
            assert house.ready
            if round_ == 0:
                await house.boards.create(CHIEF, "vision", ["a"], OPEN)
            (board,) = house.boards.list(CHIEF)
            assert await house.boards.wait(board, "visible", seconds=PATIENCE)
            assert house.boards.status(board).generation == 2 * round_ + 1  # one was reserved
            assert (await get(f"{house.url}/boards/vision/data/runs"))[1] == b'["a"]'
        assert not house.ready
        assert not list((home / "run").iterdir())
        held.append(held_by_this_process())
    assert held[3] == held[2] == held[1]


async def test_a_second_gateway_on_the_same_state_is_refused(home: Path) -> None:
    async with started(home) as first:
        for _ in range(2):
            with pytest.raises(ConflictError, match=f"pid {os.getpid()}") as refused:
                await started(home).__aenter__()
            assert "--state-dir" in refused.value.hint
        assert (await get(f"{first.url}/readyz"))[0] == 200
    async with started(home) as second:
        assert (await get(f"{second.url}/readyz"))[0] == 200


async def test_a_second_gateway_does_not_take_the_first_ones_sockets(home: Path) -> None:
    other = {"state.dir": home / "other"}  # but the same runtime directory
    async with started(home) as first:
        board = await first.boards.create(CHIEF, "vision", (), OPEN)
        assert await first.boards.wait(board, "visible", seconds=PATIENCE)
        with pytest.raises(ConflictError, match="control is in use"):
            await started(home, overrides=other).__aenter__()
        assert (await get(f"{first.url}/boards/vision/data/runs"))[0] == 200
        assert (home / "run" / "control").is_socket()


async def test_an_address_in_use_is_refused_and_everything_is_closed_again(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        overrides = {"server.listen": ["127.0.0.1:0", f"127.0.0.1:{port}"]}
        for _ in range(2):
            with pytest.raises(ConflictError, match=f"127.0.0.1:{port} is in use"):
                await started(home, overrides=overrides).__aenter__()
            await check_nothing_is_left(home)
    async with started(home, overrides=overrides) as house:
        assert (await get(f"http://127.0.0.1:{port}/readyz"))[0] == 200
        assert house.url


async def test_a_password_is_made_up_by_the_start_that_succeeds(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        overrides = {"server.listen": [f"127.0.0.1:{busy.getsockname()[1]}"]}
        with pytest.raises(ConflictError):
            await started(home, password=None, overrides=overrides).__aenter__()
    async with started(home, password=None) as house:
        password = house.generated_password
        assert password is not None
        status, answer = await get(f"{house.url}/api/v1/whoami", ("admin", password))
        assert (status, json.loads(answer)["role"]) == (200, "admin")
    async with started(home, password=None) as house:
        assert house.generated_password is None


class Unopenable(FakeLauncher):
    async def open(self) -> None:
        raise LaunchError("no forkserver: out of memory")


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"make_launcher": Unopenable}, "No board can be started: no forkserver"),
        ({"password": "short"}, "cannot be a password"),
        ({"overrides": {"server.listen": ["203.0.113.1:1"]}}, "cannot be listened on"),
    ],
)
async def test_a_start_that_fails_says_why_and_leaves_nothing(
    home: Path, options: dict[str, object], refusal: str
) -> None:
    with pytest.raises(TbgatewayError, match=refusal) as refused:
        await started(home, **options).__aenter__()
    assert isinstance(refused.value, InvalidInputError | UnavailableError)
    assert refused.value.hint
    await check_nothing_is_left(home)
    async with started(home) as house:
        assert [one.name for one in house.members.list()] == ["admin"]


async def test_a_state_directory_that_cannot_be_made_is_named(home: Path) -> None:
    (home / "state").write_text("a file")
    with pytest.raises(InvalidInputError, match=f"'{home}/state' cannot be made"):
        await started(home).__aenter__()


@pytest.mark.parametrize("pause", [0.0, 0.01])  # at once: between opening a socket and serving
async def test_a_start_that_is_given_up_leaves_nothing(
    home: Path, hanging_mount: threading.Event, pause: float
) -> None:
    starting = asyncio.ensure_future(started(home).__aenter__())
    async with asyncio.timeout(PATIENCE):
        while not (home / "run" / "control").exists():
            await asyncio.sleep(pause)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    hanging_mount.set()
    await check_nothing_is_left(home)


# --- readiness


@pytest.fixture
async def hanging_mount(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[threading.Event]:
    """Let scans hang, as on a dead network file system, until the event is set."""
    back = threading.Event()
    scan = Scanner.scan

    def hang(self: Scanner, *given: Any) -> object:
        back.wait(PATIENCE)
        return scan(self, *given)

    monkeypatch.setattr(Scanner, "scan", hang)
    yield back
    back.set()


async def test_a_gateway_answers_before_it_is_ready_and_is_ready_after_the_first_scan(
    home: Path, hanging_mount: threading.Event
) -> None:
    write(home / "runs" / "a" / EVENTS)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        overrides = {"server.listen": [f"fd:{os.dup(listening.fileno())}"]}
        house = started(home, overrides=overrides)
        starting = asyncio.ensure_future(house.__aenter__())
        await until_answers(f"{url}/readyz", 503)
        assert await get(f"{url}/healthz") == (200, b"ok\n")
        assert not starting.done()
        hanging_mount.set()
        assert [one.name for one in (await starting).experiments.list()] == ["a"]
        assert await get(f"{url}/readyz") == (200, b"ready\n")
        await house.__aexit__(None, None, None)


async def test_a_mount_that_hangs_does_not_keep_a_gateway_from_serving(
    home: Path, hanging_mount: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "_FIRST_SCAN_PATIENCE", 0.1)
    async with started(home) as house:
        assert (await get(f"{house.url}/readyz"))[0] == 200
        board = await house.boards.create(CHIEF, "vision", (), OPEN)
        assert await house.boards.wait(board, "visible", seconds=PATIENCE)
        hanging_mount.set()


async def test_requests_that_hang_on_a_mount_stop_no_board_and_not_the_end(
    home: Path, hanging_mount: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "_FIRST_SCAN_PATIENCE", 0.1)
    monkeypatch.setattr(discovery, "root_holding", lambda *_: hanging_mount.wait(PATIENCE))
    async with started(home) as house:
        register = house.experiments.register
        hanging = [asyncio.ensure_future(register(f"/runs/{number}")) for number in range(50)]
        entry = Entry(username="guest", password="correct-horse-battery")
        board = await house.boards.create(CHIEF, "vision", (), entry)
        assert await house.boards.wait(board, "visible", seconds=PATIENCE)
        for one in hanging:
            assert not one.done()
            one.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
    assert not hanging_mount.is_set()


# --- many boards


async def test_a_thousand_boards_start_no_process_and_have_their_trees_repaired(
    home: Path,
) -> None:
    layout = Layout(home / "state")
    experiment = Experiment(
        id=ExperimentId("ex0000000001"),
        root="runs",
        name="a",
        path=str(write(home / "runs" / "a" / EVENTS).parent),
        created_at=0.0,
    )
    boards = [
        Board(
            id=BoardId(f"tb{number:010x}"),
            name=f"board-{number}",
            owner="admin",
            access=Access.PUBLIC,
            created_at=0.0,
        )
        for number in range(1000)
    ]
    store = Store.open(home / "state" / "gateway.db")
    async with store.transaction() as tx:
        shown = (Membership(board_id=board.id, experiment_id=experiment.id, added_at=0.0)
                 for board in boards)  # fmt: skip
        tx.put(experiment, *boards, *shown)
    await store.close()
    broken = layout.tree(boards[-1].id)
    broken.mkdir(parents=True)
    (broken / "a").symlink_to("/etc")
    (broken / "foreign").symlink_to("/etc")

    def repaired(board: Board) -> bool:
        tree = layout.tree(board.id)
        return tree.is_dir() and [one.name for one in tree.iterdir()] == ["a"]

    launchers = Launchers()
    async with started(home, make_launcher=launchers) as house:
        assert (await get(f"{house.url}/readyz"))[0] == 200
        assert len(house.boards.list(CHIEF)) == 1000
        assert (await get(f"{house.url}/boards/board-999/data/runs"))[0] == 200
        async with asyncio.timeout(PATIENCE):
            while not all(map(repaired, boards)):
                await asyncio.sleep(0.1)
        assert set(await launchers.newest.observe()) == {f"{boards[-1].id}.1"}
        assert (broken / "a").readlink() == Path(experiment.path)


# --- what an earlier gateway left


async def test_what_an_earlier_gateway_left_is_reaped_whoever_wrote_it(home: Path) -> None:
    board = Board(
        id=BoardId("tb0000000001"), name="a", owner="admin", access=Access.PUBLIC, created_at=0.0
    )
    left = LaunchHandle(
        launch_id=LaunchId(f"{board.id}.1"), launcher="fake", pid=0, started=0, endpoint="/gone"
    )
    store = Store.open(home / "state" / "gateway.db")
    async with store.transaction() as tx:
        tx.put(board)
        for number, handle in enumerate((left.to_json(), "{}", "not even JSON", "[]"), start=1):
            name = LaunchId(f"{board.id}.{number}")
            tx.put(LaunchRecord(launch_id=name, board_id=board.id, handle=handle))
    await store.close()
    async with started(home) as house, asyncio.timeout(PATIENCE):
        while house.store.launches:
            await asyncio.sleep(0.01)
        assert (await get(f"{house.url}/boards/a/data/runs"))[0] == 200
