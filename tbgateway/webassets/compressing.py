"""Brotli for a library's files, beside everything else the gateway does."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress

import brotli
import structlog

from tbgateway.webassets.asset import Asset
from tbgateway.webassets.brotli_shelf import BrotliShelf

log = structlog.get_logger(__name__)

_QUALITY = 11
_WINDOW = 24  # the logarithm of the largest that browsers take, 16 MiB: all of a file
_CHUNK = 64 * 1024  # bytes between two looks at whether to go on
_DELAY = 10.0  # seconds; a gateway that has just started has better things to do
_LEAST_PRIORITY = 19  # boards and their visitors go first


async def add_brotli(assets: Iterable[Asset], shelf: BrotliShelf, delay: float = _DELAY) -> None:
    """Give the assets their brotli encoding: from the shelf, else by making it after `delay` s.

    Until then they are sent as gzip. Takes some twenty seconds of a core, once. Raise nothing.
    """
    wanted = [asset for asset in assets if asset.compressible]
    stop = threading.Event()
    try:
        missing = await asyncio.to_thread(_take, wanted, shelf)
        if missing:
            await asyncio.sleep(delay)
            await _in_own_thread(lambda: _make(missing, shelf, stop))
    except Exception:
        log.exception("compressing failed")
    finally:
        stop.set()


def _take(assets: Iterable[Asset], shelf: BrotliShelf) -> list[Asset]:
    """Take what the shelf has; return what it has not, the smallest first."""
    shelf.remove_others()
    missing = []
    for asset in assets:
        body = shelf.find(asset)
        if body is None:
            missing.append(asset)
        else:
            asset.add_brotli(body)
    return sorted(missing, key=lambda asset: len(asset.body("gzip")))


async def _in_own_thread(work: Callable[[], None]) -> None:
    """Wait until `work` is done; nobody waits for it when the gateway ends."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def run() -> None:
        try:
            # On Linux this is the thread's own priority, not the process's.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LEAST_PRIORITY)
            work()
        finally:
            with suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="brotli", daemon=True).start()
    await done.wait()


def _make(assets: Iterable[Asset], shelf: BrotliShelf, stop: threading.Event) -> None:
    for asset in assets:
        body = _compressed(asset.unpacked(), stop)
        if body is None:
            return
        asset.add_brotli(body)
        shelf.put(asset, body)
    log.info("web assets are compressed with brotli")


def _compressed(content: bytes, stop: threading.Event) -> bytes | None:
    """Compress in pieces; None if `stop` was set meanwhile. Other threads run beside it."""
    compressor = brotli.Compressor(quality=_QUALITY, lgwin=_WINDOW)
    pieces = []
    for start in range(0, len(content), _CHUNK):
        if stop.is_set():
            return None
        pieces.append(compressor.process(content[start : start + _CHUNK]))
    return b"".join([*pieces, compressor.finish()])
