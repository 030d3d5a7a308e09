"""Whether this TensorBoard's web files can be shared by all boards, and are still its."""

import asyncio

import structlog

from tbgateway.webassets import (
    Rewritten,
    UnfamiliarFilesError,
    read_installed,
    rewrite,
    when_installed,
)

log = structlog.get_logger(__name__)

LOOK_EVERY = 10.0  # seconds; two calls of stat()


def read_shared_assets() -> Rewritten | None:
    """Return what the gateway serves for all boards; None if each board must serve its own."""
    try:
        return rewrite(read_installed())
    except UnfamiliarFilesError as error:
        log.warning(
            "the installed TensorBoard's web files cannot be shared: each board serves its own",
            reason=str(error),
        )
        return None


class AssetsWatch:
    """Says when TensorBoard was installed anew since its web files were read.

    New boards then run the new one; pages keep the old one's files until a restart.
    """

    def __init__(self) -> None:
        self._known = when_installed()

    async def look(self) -> None:
        """Say so once for each installation."""
        now = await asyncio.to_thread(when_installed)
        if now and now != self._known:
            self._known = now
            log.warning(
                "TensorBoard was installed anew: boards that start now run it, pages keep the old"
                " one's web files until the gateway is restarted"
            )
