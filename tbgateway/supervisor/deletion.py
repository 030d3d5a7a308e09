"""What is left of a deleted board."""

import asyncio

from tbgateway.domain.names import BoardId
from tbgateway.supervisor.means import Means


async def forget(board_id: BoardId, means: Means) -> None:
    """Clear away everything of a board that has no process any more."""
    means.run_problems.learn(board_id, {})
    means.plan_problems.forget(board_id)
    means.generations.drop(board_id)
    await asyncio.to_thread(means.layout.remove, board_id)
