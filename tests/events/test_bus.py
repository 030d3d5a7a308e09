import asyncio

import pytest

from tbgateway.domain.names import BoardId
from tbgateway.events import BoardChanged, Bus

PATIENCE = 30.0


def changed(number: int) -> BoardChanged:
    return BoardChanged(BoardId(f"tb{number:010x}"))


def test_news_is_read_in_its_order() -> None:
    bus = Bus()
    bus.publish(changed(1), changed(2))
    bus.publish(changed(3))
    assert bus.read(0).news == ((1, changed(1)), (2, changed(2)), (3, changed(3)))
    assert bus.read(2).news == ((3, changed(3)),)
    assert bus.read(3).news == ()


def test_newer_news_of_a_subject_takes_the_place_of_older() -> None:
    bus = Bus()
    bus.publish(changed(1), changed(2), changed(1))
    assert bus.read(0).news == ((2, changed(2)), (3, changed(1)))


def test_whoever_falls_behind_what_is_kept_learns_that_something_was_missed() -> None:
    bus = Bus(most_kept=2)
    bus.publish(changed(1), changed(2), changed(3))
    assert bus.read(0).missed
    assert not bus.read(1).missed
    assert bus.read(1).news == ((2, changed(2)), (3, changed(3)))


def test_a_subject_that_changes_all_the_time_costs_one_place_only() -> None:
    bus = Bus(most_kept=3)
    for _ in range(1000):
        bus.publish(changed(1))
    bus.publish(changed(2))
    assert not bus.read(0).missed
    assert [one for _, one in bus.read(0).news] == [changed(1), changed(2)]


def test_ids_are_those_of_one_start_of_the_gateway() -> None:
    bus = Bus()
    bus.publish(changed(1))
    assert bus.place_of(bus.id_of(1)) == 1
    assert bus.place_of(Bus().id_of(0)) is None


@pytest.mark.parametrize("made_up", ["", "1", "0-0", "-1", "x" * 1000, "{epoch}-", "{epoch}-٣"])
def test_made_up_ids_are_no_places(made_up: str) -> None:
    bus = Bus()
    assert bus.place_of(made_up.replace("{epoch}", bus.epoch)) is None


def test_an_id_from_the_future_is_no_place() -> None:
    bus = Bus()
    assert bus.place_of(bus.id_of(1)) is None


async def test_news_wakes_everybody_who_waits() -> None:
    bus = Bus()
    waiting = [asyncio.ensure_future(bus.wait(0, seconds=PATIENCE)) for _ in range(3)]
    await asyncio.sleep(0)
    bus.publish(changed(1))
    assert await asyncio.gather(*waiting) == [True, True, True]


async def test_waiting_for_what_is_there_already_takes_no_time() -> None:
    bus = Bus()
    bus.publish(changed(1))
    assert await bus.wait(0, seconds=0.0)
    assert not await bus.wait(1, seconds=0.01)


async def test_the_end_wakes_everybody_who_waits() -> None:
    bus = Bus()
    waiting = asyncio.ensure_future(bus.wait(0, seconds=PATIENCE))
    breathing = asyncio.ensure_future(bus.closes(within=PATIENCE))
    await asyncio.sleep(0)
    bus.close()
    assert await waiting
    assert await breathing
    assert bus.closed


async def test_a_bus_that_goes_on_is_not_closed() -> None:
    assert not await Bus().closes(within=0.01)
