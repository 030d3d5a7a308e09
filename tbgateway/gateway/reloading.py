"""New settings for a gateway that runs."""

import asyncio
import time
from collections.abc import Callable

import structlog

from tbgateway.domain.errors import InvalidInputError
from tbgateway.gateway.gateway import Gateway
from tbgateway.settings import Reloaded, Settings
from tbgateway.telemetry.systemd import notify

log = structlog.get_logger(__name__)

_REFUSED = "the settings were not reloaded, see the log"

LoadSettings = Callable[[], Settings]
"""Reads the settings again from where they came; raises InvalidInputError."""


class Reloading:
    """Reads the settings again when it is asked to, one time after the other."""

    def __init__(self, load: LoadSettings) -> None:
        self._load = load
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Have the settings read again soon."""
        self._asked.set()

    async def run(self, gateway: Gateway) -> None:
        """Reload whenever asked to, or as soon as the gateway was there; until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
            waiting = await self._reload(gateway)
            notify("READY=1", f"STATUS={gateway.summary(waiting)}")

    async def _reload(self, gateway: Gateway) -> str:
        """Put new settings in force as far as possible; return what systemd is told beside."""
        try:
            wanted = await asyncio.to_thread(self._load)  # the file may lie on a slow disk
            reloaded = gateway.reload(wanted)
        except InvalidInputError as error:
            log.error("the settings stay as they were", reason=error.detail, hint=error.hint)  # noqa: TRY400 - no bug of ours
            return _REFUSED
        except Exception:
            log.exception("the settings were not reloaded")
            return _REFUSED
        _tell(reloaded)
        return f"needs a restart: {', '.join(reloaded.waiting)}" if reloaded.waiting else ""


def _tell(reloaded: Reloaded) -> None:
    log.info("settings reloaded", changed=list(reloaded.changed))
    if reloaded.waiting:
        log.warning("settings that need a restart", waiting=list(reloaded.waiting))
