"""How soon TensorBoard is asked what it lists, and whose answers count."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from scripted_server import Script, over_unix

from tbgateway.supervisor.listing import Listing
from tbgateway.upstream import Upstream


class Clock:
    """A clock that tests put forward."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def tensorboard() -> AsyncIterator[tuple[Upstream, Script]]:
    script = Script()
    with tempfile.TemporaryDirectory(prefix="tbg") as directory:
        path = Path(directory) / "board"
        with over_unix(script, path):
            upstream = Upstream(path)
            yield upstream, script
            await upstream.close()


def test_a_change_is_looked_for_soon_and_after_a_while_seldom() -> None:
    listing = Listing(clock := Clock())
    seldom = listing.wait
    listing.ask_anew()
    soon = listing.wait
    clock.now += 60
    assert soon < 1 < listing.wait == seldom


async def test_a_new_process_has_a_moment_for_those_who_waited(
    tensorboard: tuple[Upstream, Script],
) -> None:
    upstream, script = tensorboard
    script.says(["a"])
    listing = Listing(clock := Clock())
    listing.begin()
    assert await listing.ask(upstream) is None
    assert script.asked == []
    clock.now += listing.wait
    assert await listing.ask(upstream) == {"a"}


async def test_one_question_is_asked_at_a_time_and_what_is_dropped_is_asked_again(
    tensorboard: tuple[Upstream, Script],
) -> None:
    upstream, script = tensorboard
    script.says(["old"], ["new"])
    script.go_on.clear()
    listing = Listing(Clock())
    for _ in range(2):
        assert await listing.ask(upstream) is None
    async with asyncio.timeout(30):
        while not script.asked:  # what is dropped before is never asked
            await asyncio.sleep(0.01)
    listing.ask_anew()
    script.go_on.set()
    async with asyncio.timeout(30):
        while (runs := await listing.ask(upstream)) is None:
            await asyncio.sleep(0.01)
    assert runs == {"new"}
    assert len(script.asked) == 2
