"""By which names people ask for this gateway."""

import asyncio
import socket
from contextlib import suppress
from urllib.parse import urlsplit

from tbgateway.settings import Server

_PATIENCE = 3.0  # seconds; a name server that is away must not keep the gateway from serving


async def machine_names() -> frozenset[str]:
    """Return this machine's host name and, if the resolver tells it soon, its full name."""
    names = {socket.gethostname()}
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            names.add(await asyncio.to_thread(socket.getfqdn))
    return frozenset(names)


def known_names(server: Server, machine: frozenset[str]) -> frozenset[str]:
    """Return the names that may stand in a Host header: what is set, and what follows from it."""
    public = urlsplit(server.public_url or "").hostname
    return machine.union(server.allowed_hosts, () if public is None else (public,))
