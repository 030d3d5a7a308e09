"""Whether this TensorBoard's web files can be shared by all boards."""

import structlog

from tbgateway.webassets import Rewritten, UnfamiliarFilesError, read_installed, rewrite

log = structlog.get_logger(__name__)


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
