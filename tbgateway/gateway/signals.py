"""What signals ask of a gateway: to stop, or to read its settings again."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from tbgateway.gateway.terminal import Terminal

_AFTERTHOUGHT = 2.0  # seconds; some shells say farewell before they leave their terminal


@asynccontextmanager
async def stop_signals(
    reload: Callable[[], None] | None = None, terminal: Terminal | None = None
) -> AsyncIterator[asyncio.Event]:
    """Yield an event that SIGTERM and SIGINT set.

    SIGHUP calls `reload`. It sets the event if there is none to call, or if the terminal was closed
    on which the gateway was started. If it is ignored (nohup), it stays so.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    handlers: dict[int, Callable[[], object]] = dict.fromkeys(
        (signal.SIGTERM, signal.SIGINT), stopping.set
    )
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        hung_up = partial(_hang_up, stopping, reload, terminal or Terminal())
        handlers[signal.SIGHUP] = hung_up
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        yield stopping
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)


def _hang_up(
    stopping: asyncio.Event, reload: Callable[[], None] | None, terminal: Terminal
) -> None:
    _stop_if_lost(stopping, terminal)
    if stopping.is_set():
        return
    if reload is None:
        stopping.set()
        return
    reload()
    asyncio.get_running_loop().call_later(_AFTERTHOUGHT, _stop_if_lost, stopping, terminal)


def _stop_if_lost(stopping: asyncio.Event, terminal: Terminal) -> None:
    if terminal.lost:
        terminal.leave()
        stopping.set()
