"""By which names people ask for this gateway."""

import asyncio
import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import structlog

from tbgateway.domain.public_urls import UNNAMEABLE
from tbgateway.settings import Server

log = structlog.get_logger(__name__)

_PATIENCE = 3.0  # seconds; a name server that is away must not keep the gateway from serving


async def machine_names() -> frozenset[str]:
    """Return this machine's host name and, if the resolver tells it soon, its full name.

    Names that the gateway cannot go by are left out.
    """
    names = {socket.gethostname()}
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            names.add(await _full_name())
    unusable = sorted(name for name in names if UNNAMEABLE in name)
    if unusable:
        log.warning("boards cannot be opened by names of this machine with '_'", names=unusable)
    return frozenset(names.difference(unusable))


async def _full_name() -> str:
    """Ask the resolver, in a thread that nobody waits for at exit: it may take minutes."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[str] = loop.create_future()

    def tell(name: str) -> None:
        if not told.done():
            told.set_result(name)

    def ask() -> None:
        name = socket.getfqdn()
        with suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(tell, name)

    threading.Thread(target=ask, name="full name", daemon=True).start()
    return await told


def known_names(server: Server, machine: frozenset[str]) -> frozenset[str]:
    """Return the names that may stand in a Host header: what is set, and what follows from it."""
    public = urlsplit(server.public_url or "").hostname
    return machine.union(server.allowed_hosts, () if public is None else (public,))
