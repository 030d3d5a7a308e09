"""One generation of a board."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.names import BoardId
from tbgateway.launchers.launcher import EngineUnreachableError, LaunchError, LaunchHandle
from tbgateway.supervisor.instance import Instance
from tbgateway.upstream import DrainingError, Upstream, UpstreamLostError

if TYPE_CHECKING:
    from conftest import House

BOARD = BoardId("tb0000000001")


async def nothing() -> None:
    """Prepare nothing."""


async def opened(house: "House") -> tuple[Instance, Upstream]:
    instance = await Instance.launch(BOARD, house.means, nothing)
    instance.open(Path(instance.handle.endpoint))
    assert instance.upstream is not None
    return instance, instance.upstream


async def test_each_launch_is_a_generation_and_its_handle_is_kept(house: "House") -> None:
    first = await Instance.launch(BOARD, house.means, nothing)
    second = await Instance.launch(BOARD, house.means, nothing)
    assert [first.handle.launch_id, second.handle.launch_id] == [f"{BOARD}.1", f"{BOARD}.2"]
    assert house.store.boards[BOARD].generation == 2
    kept = {LaunchHandle.from_json(one.handle) for one in house.store.launches.values()}
    assert kept == {first.handle, second.handle}
    assert set(await house.launcher.observe()) == {first.handle.launch_id, second.handle.launch_id}


async def test_a_launch_is_told_all_it_needs(house: "House") -> None:
    instance = await Instance.launch(BOARD, house.means, nothing)
    spec = house.launcher.board(instance.handle.launch_id)._spec
    assert (spec.board_id, spec.generation, spec.title) == (BOARD, 1, "vision")
    assert (spec.logdir, spec.log) == (house.layout.tree(BOARD), house.layout.log(BOARD))
    assert spec.scratch == house.layout.scratch(BOARD)
    assert spec.descriptions == house.layout.descriptions(BOARD)
    assert spec.isolation == house.settings.isolation
    assert spec.log_bytes == house.settings.log_bytes
    assert spec.first_load_timeout == house.settings.first_load_timeout


async def test_a_launch_that_is_refused_uses_its_number_up_and_leaves_nothing(
    house: "House",
) -> None:
    house.launcher.refusal = "no memory left"
    with pytest.raises(LaunchError, match="no memory left"):
        await Instance.launch(BOARD, house.means, nothing)
    house.launcher.refusal = ""
    house.launcher.unreachable = True
    with pytest.raises(EngineUnreachableError):
        await Instance.launch(BOARD, house.means, nothing)
    house.launcher.unreachable = False
    assert not house.store.launches
    assert (await Instance.launch(BOARD, house.means, nothing)).handle.launch_id == f"{BOARD}.3"


async def test_a_launch_that_cannot_be_recorded_leaves_no_process(house: "House") -> None:
    with house.refusing("INSERT ON launches"), pytest.raises(TbgatewayError):
        await Instance.launch(BOARD, house.means, nothing)
    assert house.store.boards[BOARD].generation == 1
    assert not await house.launcher.observe()
    assert not house.store.launches


async def test_a_deleted_board_is_not_launched(house: "House") -> None:
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    with pytest.raises(LaunchError, match="was deleted"):
        await Instance.launch(BOARD, house.means, nothing)
    assert not await house.launcher.observe()


async def test_it_takes_requests_while_it_is_open(house: "House") -> None:
    instance = await Instance.launch(BOARD, house.means, nothing)
    assert instance.upstream is None
    assert repr(instance) == f"<Instance {BOARD}.1 closed>"
    instance, upstream = await opened(house)
    assert repr(instance) == f"<Instance {BOARD}.2 open>"
    assert await upstream.get_json("/data/environment") == {"window_title": "vision"}
    await instance.end(drain=True)
    assert instance.upstream is None
    with pytest.raises(DrainingError):
        async with upstream.request():
            pass


async def test_its_end_leaves_neither_process_nor_record_and_may_be_repeated(
    house: "House",
) -> None:
    instance, _ = await opened(house)
    for drain in (True, False, True):
        await instance.end(drain=drain)
        assert not house.store.launches
        assert not await house.launcher.observe()
    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    await instance.end(drain=True)


async def test_draining_lets_a_request_end(house: "House") -> None:
    instance, upstream = await opened(house)
    async with upstream.request():
        ending = asyncio.ensure_future(instance.end(drain=True))
        await asyncio.wait([asyncio.ensure_future(upstream.retired())])
        assert not ending.done()
        assert await upstream.get_json("/data/runs") == []
    await ending


async def test_without_draining_requests_are_cut_off(house: "House") -> None:
    instance, upstream = await opened(house)

    async def ask_for_ever() -> None:
        async with upstream.request():
            await asyncio.Event().wait()

    asking = asyncio.ensure_future(ask_for_ever())
    await asyncio.sleep(0)
    await instance.end(drain=False)
    with pytest.raises(UpstreamLostError):
        await asking


async def test_its_last_words_can_be_read(house: "House") -> None:
    instance = await Instance.launch(BOARD, house.means, nothing)
    for number in range(3):
        house.launcher.say(instance.handle.launch_id, f"line {number}")
    assert await instance.tail(2) == "line 1\nline 2"
    assert json.loads(house.store.launches[instance.handle.launch_id].handle)["log"]


async def test_a_process_is_made_when_its_tree_is(house: "House") -> None:
    done = []

    async def prepare() -> None:
        assert not await house.launcher.observe()
        await asyncio.sleep(0.05)
        done.append(True)

    await Instance.launch(BOARD, house.means, prepare)
    assert done == [True]


async def test_a_launch_that_fails_leaves_nothing_going_on(house: "House") -> None:
    done = []

    async def prepare() -> None:
        await asyncio.sleep(0.05)
        done.append(True)

    async def fail() -> None:
        raise OSError("no tree")

    async with house.store.transaction() as tx:
        tx.drop(house.store.boards[BOARD])
    with pytest.raises(LaunchError, match="deleted"):
        await Instance.launch(BOARD, house.means, prepare)
    assert done == [True]
    await house.make_board()
    with pytest.raises(OSError, match="no tree"):
        await Instance.launch(BOARD, house.means, fail)
    assert not await house.launcher.observe()
