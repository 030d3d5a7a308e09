"""Waiting until a board shows what is on it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from tbgateway.boards.membership_view import MembershipView
from tbgateway.domain.errors import TimedOutError
from tbgateway.domain.model import MembershipState
from tbgateway.domain.names import BoardId
from tbgateway.supervisor.supervisor import Supervisor

Until = Literal["visible", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Waits for one board; `views` tells how its memberships stand."""

    supervisor: Supervisor
    board_id: BoardId
    views: Callable[[], Sequence[MembershipView]]

    async def until(self, until: Until, seconds: float) -> bool:
        """Return whether it was reached within `seconds`; raise what `Boards.wait` does."""
        if until == "removed":
            return await self.supervisor.wait_for(
                self.board_id, lambda: self._reached(until), seconds=seconds
            )
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            await self.supervisor.upstream(self.board_id, within=seconds)
        except TimedOutError:
            return False
        left = deadline - asyncio.get_running_loop().time()
        reached = await self.supervisor.wait_for(
            self.board_id,
            lambda: self.supervisor.is_down(self.board_id) or self._reached(until),
            seconds=max(left, 0.0),
        )
        self.supervisor.refuse_if_down(self.board_id)
        return reached

    def _reached(self, until: Until) -> bool:
        views = self.views()
        leaving = any(one.state is MembershipState.REMOVING for one in views)
        if until == "removed":
            return not leaving
        running = until == "added" and any(one.state is MembershipState.ADDING for one in views)
        return not running and all(one.settled for one in views)
