"""Boards in Gradient's words."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from tbgateway.boards import Boards, MembershipView
from tbgateway.controlplane.loop_share import LoopShare
from tbgateway.controlplane.turns import in_turns
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board, Membership, MembershipState
from tbgateway.rendering.urls import Urls
from tbgateway.routes import Exchange
from tbgateway.schemas.gradient import Tensorboard, TensorboardExperiment

STATES: Mapping[BoardState, str] = {
    BoardState.SLEEPING: "Running",  # whoever opens it sees it: a script may be waiting for this
    BoardState.STARTING: "Created",
    BoardState.RUNNING: "Running",
    BoardState.STOPPING: "Running",  # it falls asleep
    BoardState.RESTARTING: "Running",
    BoardState.FAILED: "Failed",
    BoardState.PAUSED: "Stopped",
}
MEMBERSHIP_STATES: Mapping[MembershipState, str] = {
    MembershipState.ADDING: "Adding",
    MembershipState.ADDED: "Added",
    MembershipState.REMOVING: "Deleting",
}


_NONE = '"experiments":[]'
"""No text of anybody's can be this in JSON, where quotes within text are escaped."""


async def tensorboard(boards: Boards, share: LoopShare, exchange: Exchange, board: Board) -> str:
    """Return the board in JSON, as Gradient's client reads it.

    It may show ten thousand experiments: others get their turns meanwhile, as `share` says.
    """
    records = await share.take(partial(boards.membership_records, board))
    shown = await in_turns(share, records, partial(_experiments, boards, board))
    alone = await share.take(partial(_alone, boards, exchange, board))
    return alone.replace(_NONE, f"{_NONE[:-1]}{','.join(shown)}]", 1)


def _alone(boards: Boards, exchange: Exchange, board: Board) -> str:
    """Return the board without its experiments."""
    wish = boards.wish(board)
    answer = Tensorboard(
        id=board.id,
        name=board.name,
        url=Urls.at(exchange.external.url).board(board.name),
        state=STATES[boards.state(board)],
        image=wish.image,
        instance=wish.instance or None,
        username=board.username,
        experiments=(),
        dt_created=board.created_at,
    )
    return answer.model_dump_json()


def _experiments(boards: Boards, board: Board, some: Iterable[Membership]) -> Iterator[str]:
    return (_experiment(view).model_dump_json() for view in boards.views(board, some))


def _experiment(view: MembershipView) -> TensorboardExperiment:
    return TensorboardExperiment(
        id=view.experiment.id,
        project_id=view.experiment.root,
        state=MEMBERSHIP_STATES[view.state],
    )
