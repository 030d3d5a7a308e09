"""Which boards are woken by which change of experiments."""

import asyncio
import threading
from dataclasses import replace

import pytest
from house import ADA, House

from tbgateway.boards import Entry
from tbgateway.domain.description import Edit
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import BoardId
from tbgateway.experiments.waking import Waking
from tbgateway.store.memory import Change


@pytest.fixture
async def woken(house: House) -> list[BoardId]:
    """Return what becomes the list of woken boards; one board shows `a`."""
    await house.find("a", "b")
    await house.boards.create(ADA, "vision", ["a"], Entry())
    woken: list[BoardId] = []
    house.store.listen(Waking(house.store, woken.append))
    return woken


async def put(house: House, one: Experiment) -> None:
    async with house.store.transaction() as tx:
        tx.put(one)


async def test_a_board_is_woken_by_what_it_shows_of_its_experiment(
    house: House, woken: list[BoardId]
) -> None:
    await house.experiments.fail("b", reason="x", by="ada")
    await put(house, replace(house.experiments.find("a"), bytes=500, reason="y"))
    assert woken == []
    await house.experiments.fail("a", reason="x", by="ada")
    assert len(woken) == 1
    await put(house, replace(house.experiments.find("a"), problem="its directory is missing"))
    assert len(woken) == 2


async def test_a_board_is_woken_by_namesakes_that_come_and_go(
    house: House, woken: list[BoardId]
) -> None:
    await house.experiments.register(str(house.write("a", root="team")))
    assert len(woken) == 1
    await house.experiments.register(str(house.home / "team" / "a"), name="c")
    assert len(woken) == 2
    await house.experiments.register(str(house.home / "team" / "a"), name="a")
    async with house.store.transaction() as tx:
        tx.drop(house.experiments.find("team:a"))
    assert len(woken) == 4


async def test_a_board_is_woken_though_who_asked_went_away(
    house: House, woken: list[BoardId], monkeypatch: pytest.MonkeyPatch
) -> None:
    write, writing, go_on = house.store._database.write, threading.Event(), threading.Event()

    def slow(changes: list[Change]) -> None:
        writing.set()
        go_on.wait(60)
        write(changes)

    monkeypatch.setattr(house.store._database, "write", slow)
    describing = asyncio.ensure_future(house.experiments.describe("a", Edit(notes="n")))
    while not writing.is_set():
        await asyncio.sleep(0.001)
    describing.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await describing
    assert house.experiments.description(house.experiments.find("a").id).notes == "n"
    assert len(woken) == 1
