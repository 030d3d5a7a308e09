"""What an earlier gateway left behind: processes, and files of deleted boards."""

import asyncio
import shutil
from collections.abc import Container

import structlog

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.model import LaunchRecord
from tbgateway.domain.names import BoardId
from tbgateway.launchers.launcher import LaunchHandle
from tbgateway.supervisor.layout import Layout
from tbgateway.supervisor.means import Means

log = structlog.get_logger(__name__)


async def clear_away(means: Means) -> None:
    """End and remove all of it, before anything new is started."""
    for record in tuple(means.store.launches.values()):
        await _reap(record, means)
    # The living view: a board that is made meanwhile is in it before it has any file.
    await asyncio.to_thread(_remove_left_behind, means.layout, means.store.boards)


async def _reap(record: LaunchRecord, means: Means) -> None:
    log.info("ending what an earlier gateway left", launch=record.launch_id)
    try:
        handle = LaunchHandle.from_json(record.handle)
    except ValueError:  # of another version; a board does not outlive its gateway anyway
        log.warning("what was left cannot be read", launch=record.launch_id)
    else:
        await means.launcher.stop(handle, grace=0.0)
    try:
        async with means.store.transaction() as tx:
            tx.drop(record)
    except TbgatewayError as error:  # the record waits for the next start
        log.error("a launch record stays", launch=record.launch_id, reason=error.detail)  # noqa: TRY400 - the traceback would say nothing more


def _remove_left_behind(layout: Layout, living: Container[BoardId]) -> None:
    """Remove the files of boards that were deleted just before a gateway was killed."""
    for directory in layout.left_behind(living):
        log.info("removing the files of a deleted board", path=str(directory))
        shutil.rmtree(directory, ignore_errors=True)
