"""Whose TensorBoard's web files are, when its version is known and when it is not."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
from event_writer import write_scalars
from gateway_in_process import PATIENCE, Launchers, check_nothing_is_left, get, started
from house import CHIEF
from structlog.testing import capture_logs

from tbgateway.boards import Entry
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Access, Board
from tbgateway.domain.names import launch_id
from tbgateway.gateway import Gateway, shared_assets
from tbgateway.launchers.exec import ExecLauncher
from tbgateway.launchers.forkserver import ForkserverLauncher
from tbgateway.launchers.launcher import LaunchHandle, LaunchSpec
from tbgateway.webassets import read_installed, when_installed

OPEN = Entry(access=Access.PUBLIC)
FILES = ("index.js", "chart_worker.js", "icon_bundle.svg", "font-roboto/LICENSE")


async def board_of(house: Gateway, name: str = "vision") -> Board:
    await house.boards.create(CHIEF, name, (), OPEN)
    (board,) = house.boards.list(CHIEF)
    return board


async def reached(house: Gateway, board: Board, state: BoardState) -> None:
    done = await house.supervisor.wait_for(
        board.id, lambda: house.supervisor.status(board.id).state is state, seconds=PATIENCE
    )
    assert done, house.supervisor.status(board.id)


# --- a page of a board that does not run


async def test_a_page_opens_at_once_while_its_board_starts(home: Path) -> None:
    launchers = Launchers()
    async with started(home, make_launcher=launchers) as house:
        launchers.newest.hold = True
        board = await board_of(house)
        assert house.supervisor.status(board.id).state is BoardState.SLEEPING
        status, page = await get(f"{house.url}/boards/vision/")

        assert status == 200
        assert b"<tb-webapp>" in page
        await reached(house, board, BoardState.STARTING)
        while launch_id(board.id, 1) not in await launchers.newest.observe():
            await asyncio.sleep(0.01)  # its generation is being stored
        await launchers.newest.release(launch_id(board.id, 1))
        await reached(house, board, BoardState.RUNNING)
    await check_nothing_is_left(home)


async def test_a_page_of_a_board_that_was_stopped_or_failed_is_explained(home: Path) -> None:
    launchers = Launchers()
    async with started(home, make_launcher=launchers) as house:
        board = await board_of(house)
        await house.boards.pause(CHIEF, "vision")
        await reached(house, board, BoardState.PAUSED)
        status, page = await get(f"{house.url}/boards/vision/")
        assert (status, b"tb-webapp" in page, b"stopped" in page) == (503, False, True)

        launchers.newest.refusal = "no more processes"
        await house.boards.start(CHIEF, "vision")
        await reached(house, board, BoardState.FAILED)
        status, page = await get(f"{house.url}/boards/vision/")
        assert (status, b"tb-webapp" in page, b"no more processes" in page) == (503, False, True)
        assert (await get(f"{house.url}/boards/vision/data/runs"))[0] == 503


# --- real boards


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["forkserver", "exec"])
@pytest.mark.parametrize("version", ["familiar", "another"])
async def test_somebody_serves_every_file_and_only_one(
    home: Path, launcher: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if version == "another":
        monkeypatch.setattr(shared_assets, "read_installed", of_another_version)
    write_scalars(home / "runs" / "a" / "train", {"loss": [1.0]})
    overrides = {"boards.launcher": launcher}
    with capture_logs() as logs:
        async with started(home, make_launcher=None, overrides=overrides) as house:
            board = await board_of(house)
            base = f"{house.url}/boards/vision"
            assert (await get(f"{base}/data/runs"))[0] == 200
            through = {path: len((await get(f"{base}/{path}"))[1]) for path in ("", *FILES)}
            by_itself = await board_says(house, board, FILES)
    warnings = [one for one in logs if "cannot be shared" in one["event"]]

    assert all(size > 1000 for size in through.values()), through
    assert set(by_itself.values()) == ({404} if version == "familiar" else {200})
    assert len(warnings) == (version == "another")


def of_another_version() -> Mapping[str, bytes]:
    """Return files as a later TensorBoard could have them."""
    return {**read_installed(), "second_worker.js": b""}


async def board_says(house: Gateway, board: Board, paths: tuple[str, ...]) -> dict[str, int]:
    """Ask the board's own process, past the gateway."""
    upstream = await house.supervisor.upstream(board.id)
    connector = aiohttp.UnixConnector(str(upstream.endpoint), force_close=True)
    answers = {}
    async with aiohttp.ClientSession(connector=connector) as session:
        for path in paths:
            async with session.get(f"http://board/{path}") as answer:
                answers[path] = answer.status
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("kind", [ForkserverLauncher, ExecLauncher])
@pytest.mark.parametrize("loader", ["auto", "python"])
async def test_a_board_tells_its_name_and_nothing_of_the_machine(
    home: Path, kind: type[ForkserverLauncher | ExecLauncher], loader: Literal["auto", "python"]
) -> None:
    class Chosen(kind):  # type: ignore[misc, valid-type] # one of two classes
        async def start(self, spec: LaunchSpec) -> LaunchHandle:
            return await super().start(replace(spec, loader=loader))

    write_scalars(home / "runs" / "a" / "train", {"loss": [1.0]})
    async with started(home, make_launcher=partial(Chosen, with_assets=False)) as house:
        board = await board_of(house)
        base = f"{house.url}/boards/vision"
        told = {
            path: json.loads((await get(f"{base}/data/{path}"))[1])
            for path in ("environment", "logdir", "window_properties")
        }
        notes = house.supervisor.status(board.id).notes

    assert any("Python" in note for note in notes) == (loader == "python"), notes
    environment = told["environment"]
    assert set(environment) == {
        "version",
        "data_location",
        "window_title",
        "experiment_name",
        "experiment_description",
        "creation_time",
    }
    assert environment["data_location"] == environment["window_title"] == "vision"
    assert told["logdir"] == {"logdir": "vision"}
    assert told["window_properties"] == {"window_title": "vision"}
    everything = json.dumps(told)
    for secret in (str(home), "/", "localhost", "127.0.0.1", "grpc", "--"):
        assert secret not in everything


async def test_that_tensorboard_was_installed_anew_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = shared_assets.AssetsWatch()
    assert when_installed()
    with capture_logs() as logs:
        await watch.look()
        assert not logs
        for installed in ((), (1, 2), (1, 2), when_installed()):  # none in the midst of it
            monkeypatch.setattr(shared_assets, "when_installed", lambda now=installed: now)
            await watch.look()
    assert [one["log_level"] for one in logs] == ["warning", "warning"]
    assert all("until the gateway is restarted" in one["event"] for one in logs)
