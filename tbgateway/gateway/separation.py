"""Seeing to it that no logdir leads to what is the gateway's own."""

import asyncio
import os
from functools import partial
from pathlib import Path

import structlog

from tbgateway.discovery import LogdirThreads
from tbgateway.domain.errors import InvalidInputError
from tbgateway.settings import Settings
from tbgateway.settings.directories import check_apart

log = structlog.get_logger(__name__)

_PATIENCE = 3.0  # seconds; a mount that hangs must not keep the gateway from starting


async def check_separation(settings: Settings) -> None:
    """Raise InvalidInputError if a logdir root holds the gateway's directories, links followed."""
    own = _own_directories(settings)
    roots = (logdir.path for logdir in settings.logdirs.values())
    await asyncio.gather(*(_check(root, own) for root in roots))


def _own_directories(settings: Settings) -> list[Path]:
    state = settings.state
    return [Path(os.path.realpath(directory)) for directory in (state.dir, state.runtime_dir)]


async def _check(root: Path, own: list[Path]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            real = Path(await LogdirThreads(1).run(partial(os.path.realpath, root)))
    except TimeoutError:
        log.warning("a logdir root does not answer, nobody knows where it leads", root=str(root))
        return
    try:
        check_apart(real, *own)
    except ValueError as error:
        raise InvalidInputError(f"{error}.") from error
