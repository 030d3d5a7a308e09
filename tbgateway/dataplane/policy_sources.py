"""The gateway's own places as content security policies name them."""

import re
from collections.abc import Iterable
from functools import lru_cache

import structlog
from aiohttp import hdrs

from tbgateway.routes import Exchange

log = structlog.get_logger(__name__)

Root = tuple[str, str, str]
"""Scheme, host and prefix: what the gateway's URLs begin with."""

_WARNINGS = 64  # hosts
_NAMED_IN_POLICIES = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?")
"""Hosts that a policy can name; IPv6 addresses are none."""


def roots_of(exchange: Exchange) -> tuple[Root, ...]:
    """Return where the browser may believe the gateway to be: the public URL, the Host it asked."""
    external, target = exchange.external, exchange.target
    told = (external.scheme, external.host, external.prefix)
    host = exchange.request.headers.get(hdrs.HOST, external.host)
    if target is None or host == external.host or host.lower() == external.host.lower():
        return (told,)
    # In a policy, http stands for https as well.
    return told, ("http", host.lower(), target.prefix)


def everywhere(roots: Iterable[Root], path: str) -> str:
    """Return a policy's sources for `path`; one that ends in a slash stands for all below."""
    return " ".join(dict.fromkeys(_source(root, path) for root in roots))


def _source(root: Root, path: str) -> str:
    """Return one source; the host was checked before, or nothing is let through."""
    scheme, host, prefix = root
    if not _NAMED_IN_POLICIES.fullmatch(host):
        _warn(host)
        return "'self'"  # by an IPv6 address boards are not kept apart; or nothing would work
    return f"{scheme}://{host.lower()}{prefix}{path}"


@lru_cache(_WARNINGS)
def _warn(host: str) -> None:
    log.warning("by this host boards are not kept apart in browsers: use a name", host=host)
