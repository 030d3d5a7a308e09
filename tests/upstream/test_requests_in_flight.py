"""Falling silent, as seen by one timer for all requests."""

import asyncio

import pytest

from tbgateway.upstream import requests_in_flight
from tbgateway.upstream.requests_in_flight import RequestsInFlight

PATIENCE = 20.0


class Waiting:
    """A request that waits since a while, or that nobody reads."""

    def __init__(self, *, since: float = 0.0, read: bool = True) -> None:
        self._heard_at = asyncio.get_running_loop().time() - since
        self._read = read
        self.given_up = asyncio.Event()

    @property
    def silence(self) -> float:
        """For how many seconds."""
        return asyncio.get_running_loop().time() - self._heard_at if self._read else 0.0

    def give_up(self) -> None:
        """Note it."""
        self.given_up.set()

    def abort(self) -> None:
        """Nobody does."""


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a board be hung after a twentieth of a second."""
    monkeypatch.setattr(requests_in_flight, "SILENCE", 0.05)


async def test_every_request_is_given_up_in_its_turn() -> None:
    everyone = RequestsInFlight()
    first, second = Waiting(), Waiting()

    async with asyncio.timeout(PATIENCE):
        everyone.add(first)
        await first.given_up.wait()
        everyone.add(second)
        await second.given_up.wait()

    assert everyone.silence >= 0.05


async def test_a_request_that_comes_after_a_rest_is_watched_as_well() -> None:
    everyone = RequestsInFlight()
    early, late = Waiting(), Waiting()
    everyone.add(early)
    everyone.discard(early)
    await asyncio.sleep(0.1)  # the timer has found nobody

    everyone.add(late)
    async with asyncio.timeout(PATIENCE):
        await late.given_up.wait()

    assert not early.given_up.is_set()


async def test_those_that_wait_for_so_long_are_given_up_on_demand() -> None:
    everyone = RequestsInFlight()
    early, late = Waiting(since=10.0), Waiting()
    everyone.add(early)
    everyone.add(late)

    everyone.give_up(5.0)

    assert early.given_up.is_set()
    assert not late.given_up.is_set()


async def test_who_is_not_read_is_not_given_up() -> None:
    everyone = RequestsInFlight()
    unread, silent = Waiting(read=False), Waiting()
    everyone.add(unread)
    everyone.add(silent)

    async with asyncio.timeout(PATIENCE):
        await silent.given_up.wait()
    await asyncio.sleep(0.1)

    assert not unread.given_up.is_set()
