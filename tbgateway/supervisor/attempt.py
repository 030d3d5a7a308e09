"""One try to start a board's process, and what became of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.lifecycle import Phase
from tbgateway.domain.names import BoardId
from tbgateway.domain.shortages import shortage_in
from tbgateway.launchers.launcher import EngineUnreachableError, LaunchError, ShortageError
from tbgateway.supervisor.instance import Instance
from tbgateway.supervisor.means import Means

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The instance with its phase, or why there is none; `shortage` is what the machine lacks."""

    phase: Phase
    instance: Instance | None = None
    reason: str = ""
    shortage: str = ""


async def attempt(
    board_id: BoardId, means: Means, prepare: Callable[[], Awaitable[object]]
) -> Attempt:
    """Launch the next generation."""
    try:
        return Attempt(Phase.PENDING, await Instance.launch(board_id, means, prepare))
    except LaunchError as error:
        return Attempt(Phase.GONE, reason=str(error))
    except ShortageError as error:
        return _short(str(error))
    except EngineUnreachableError as error:
        return Attempt(Phase.UNREACHABLE, reason=str(error))
    except TbgatewayError as error:
        log.error("a launch cannot be recorded", board=board_id, reason=error.detail)  # noqa: TRY400 - the traceback would say nothing more
        return Attempt(Phase.UNREACHABLE, reason=error.detail)
    except (OSError, RuntimeError) as error:  # in preparing it
        shortage = shortage_in(error)
        if not shortage:
            raise
        return _short(shortage)


def _short(of: str) -> Attempt:
    return Attempt(Phase.UNREACHABLE, reason=of, shortage=of)
