import asyncio
from dataclasses import replace

from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.scalars.errands import Errands


def experiment(name: str, size: int = 1) -> Experiment:
    return Experiment(
        id=ExperimentId(name), root="runs", name=name, path=f"/{name}", bytes=size, created_at=0.0
    )


async def drained(errands: Errands) -> list[str]:
    order = []
    while len(errands):
        errand = await errands.begin()
        errands.end(errand)
        order.append(errand.experiment.name)
    return order


async def test_what_was_asked_last_is_read_first() -> None:
    errands = Errands(10)
    for name in ("a", "b", "c", "a"):
        errands.ask(experiment(name))
    assert len(errands) == 3
    assert await drained(errands) == ["a", "c", "b"]


async def test_what_waits_longest_is_dropped_when_too_many_wait() -> None:
    errands = Errands(2)
    for name in ("a", "b", "c"):
        errands.ask(experiment(name))
    assert await drained(errands) == ["c", "b"]


async def test_large_ones_take_turns_and_let_new_ones_go_first() -> None:
    errands = Errands(10)
    order = []
    for name in ("large", "huge"):
        errands.ask(experiment(name))
    for number in range(6):
        errand = await errands.begin()
        order.append(errand.experiment.name)
        errand.turns += 1
        errands.end(errand, again=errand.experiment.name != "small")
        if number == 2:
            errands.ask(experiment("small"))
    assert order == ["huge", "large", "huge", "small", "large", "huge"]


async def test_asking_for_what_was_begun_does_not_let_it_jump_the_queue() -> None:
    errands = Errands(10)
    errands.ask(experiment("huge"))
    errand = await errands.begin()
    errand.turns = 1
    errands.ask(experiment("small"))
    errands.end(errand, again=True)
    errands.ask(experiment("huge"))
    assert await drained(errands) == ["small", "huge"]


async def test_what_is_being_read_is_not_asked_for_again_unless_it_changed() -> None:
    errands = Errands(10)
    errands.ask(experiment("a"))
    errand = await errands.begin()
    errands.ask(experiment("a"))
    assert len(errands) == 1
    errands.ask(experiment("a", size=2))
    assert len(errands) == 2
    errands.end(errand, again=True)
    newer = await errands.begin()
    assert newer.experiment == experiment("a", size=2)
    errands.end(newer)
    assert len(errands) == 0


async def test_what_changed_while_it_waits_is_read_as_it_is_then() -> None:
    errands = Errands(10)
    errands.ask(experiment("a"))
    errands.ask(replace(experiment("a"), last_event_at=5.0))
    errand = await errands.begin()
    assert errand.mark == ("/a", 1, 5.0)
    assert len(errands) == 1


async def test_whoever_begins_waits_until_there_is_something() -> None:
    errands = Errands(10)
    beginning = asyncio.ensure_future(errands.begin())
    await asyncio.sleep(0)
    assert not beginning.done()
    errands.ask(experiment("a"))
    assert (await beginning).experiment.name == "a"
