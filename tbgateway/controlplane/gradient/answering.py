"""Boards in Gradient's words."""

from collections.abc import Mapping

from tbgateway.boards import Boards, MembershipView
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import Board, MembershipState
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


def tensorboard(boards: Boards, exchange: Exchange, board: Board) -> Tensorboard:
    """Return the board as Gradient's client reads it."""
    wish = boards.wish(board)
    return Tensorboard(
        id=board.id,
        name=board.name,
        url=Urls.at(exchange.external.url).board(board.name),
        state=STATES[boards.state(board)],
        image=wish.image,
        instance=wish.instance or None,
        username=board.username,
        experiments=tuple(_experiment(view) for view in boards.memberships(board)),
        dt_created=board.created_at,
    )


def _experiment(view: MembershipView) -> TensorboardExperiment:
    return TensorboardExperiment(
        id=view.experiment.id,
        project_id=view.experiment.root,
        state=MEMBERSHIP_STATES[view.state],
    )
