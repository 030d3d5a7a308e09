"""The end of a board's log, also when nothing runs."""

from tbgateway.domain.names import BoardId, launch_id
from tbgateway.launchers.launcher import LaunchHandle
from tbgateway.supervisor.means import Means


async def log_tail(means: Means, board_id: BoardId, lines: int) -> str:
    """Return its last lines."""
    handle = LaunchHandle(
        launch_id=launch_id(board_id, 0),
        launcher="",
        pid=0,
        started=0,
        endpoint="",
        log=str(means.layout.log(board_id)),
    )
    return await means.launcher.tail(handle, lines)
