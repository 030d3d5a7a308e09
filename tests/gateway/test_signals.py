"""What signals ask of a gateway. Terminals are in tests/e2e/test_restart.py."""

import asyncio
import os
import signal

import pytest

from tbgateway.gateway import signals
from tbgateway.gateway.signals import stop_signals
from tbgateway.gateway.terminal import Terminal

PATIENCE = 60.0  # seconds; generous, because the machine may be busy


async def until(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


async def test_signals_are_heard_inside_the_block_only() -> None:
    before = signal.getsignal(signal.SIGTERM)
    async with stop_signals() as stopping:
        assert not stopping.is_set()
        os.kill(os.getpid(), signal.SIGTERM)
        await until(stopping)
    assert signal.getsignal(signal.SIGTERM) == before


async def test_a_hangup_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    asked = asyncio.Event()
    try:
        async with stop_signals(asked.set) as stopping:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert not stopping.is_set()
            assert not asked.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_a_hangup_ends_what_cannot_reload() -> None:
    async with stop_signals() as stopping:
        os.kill(os.getpid(), signal.SIGHUP)
        await until(stopping)


class Closing(Terminal):
    """A terminal that is lost at the look with this number; none if that is 0."""

    def __init__(self, lost_at: int) -> None:
        super().__init__()
        self._lost_at, self._looks = lost_at, 0
        self.looked_twice, self.left = asyncio.Event(), False

    @property
    def lost(self) -> bool:
        self._looks += 1
        if self._looks > 1:
            self.looked_twice.set()
        return self._looks == self._lost_at

    def leave(self) -> None:
        self.left = True


@pytest.mark.parametrize(("lost_at", "reloads"), [(1, False), (2, True)])
async def test_a_hangup_ends_a_gateway_whose_terminal_was_closed(
    monkeypatch: pytest.MonkeyPatch, lost_at: int, *, reloads: bool
) -> None:
    """At once, or just after the shell that sent it."""
    monkeypatch.setattr(signals, "_AFTERTHOUGHT", 0.0)
    asked, terminal = asyncio.Event(), Closing(lost_at)
    async with stop_signals(asked.set, terminal) as stopping:
        os.kill(os.getpid(), signal.SIGHUP)
        await until(stopping)

    assert terminal.left
    assert asked.is_set() is reloads


async def test_a_hangup_asks_for_a_reload_where_no_terminal_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signals, "_AFTERTHOUGHT", 0.0)
    asked, terminal = asyncio.Event(), Closing(0)
    async with stop_signals(asked.set, terminal) as stopping:
        os.kill(os.getpid(), signal.SIGHUP)
        await until(asked)
        await until(terminal.looked_twice)
        assert not stopping.is_set()
