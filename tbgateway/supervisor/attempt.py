"""One try to start a board's process, and what became of it."""

from collections.abc import Awaitable, Callable

import structlog

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.lifecycle import Phase
from tbgateway.domain.names import BoardId
from tbgateway.launchers.launcher import EngineUnreachableError, LaunchError
from tbgateway.supervisor.instance import Instance
from tbgateway.supervisor.means import Means

log = structlog.get_logger(__name__)


async def attempt(
    board_id: BoardId, means: Means, prepare: Callable[[], Awaitable[object]]
) -> tuple[Instance | None, Phase, str]:
    """Launch the next generation; return it with its phase, or why there is none."""
    try:
        return await Instance.launch(board_id, means, prepare), Phase.PENDING, ""
    except LaunchError as error:
        return None, Phase.GONE, str(error)
    except EngineUnreachableError as error:
        return None, Phase.UNREACHABLE, str(error)
    except TbgatewayError as error:
        log.error("a launch cannot be recorded", board=board_id, reason=error.detail)  # noqa: TRY400 - the traceback would say nothing more
        return None, Phase.UNREACHABLE, error.detail
