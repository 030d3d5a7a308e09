"""What the list of boards says about each of them."""

from collections.abc import Collection
from dataclasses import dataclass
from operator import attrgetter

from tbgateway.controlplane.web.means import Means
from tbgateway.domain.access import may_change
from tbgateway.domain.model import Board, Identity, MembershipState
from tbgateway.rendering.contexts.home import BoardRow
from tbgateway.rendering.figures import moment, percent, size
from tbgateway.rendering.sparkline import sparkline

_AGE = attrgetter("last_event_at", "id")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRows:
    """Makes the rows of one page; `now` is Unix seconds, `chosen` are the names selected."""

    means: Means
    identity: Identity
    now: float
    chosen: Collection[str] = ()

    def row(self, board: Board) -> BoardRow:
        """Return what is said about a board."""
        status = self.means.boards.status(board)
        states = self.means.boards.membership_states(board)
        visited = board.last_visited_at
        used = self.means.resources.now(board.id)
        written = [one for one in self.means.boards.experiments(board) if one.last_event_at]
        series = self.means.scalars.main_series(written)
        newest = max(written, key=_AGE, default=None)
        return BoardRow(
            id=board.id,
            name=board.name,
            state=status.state,
            reason=status.reason,
            experiments=states.total() - states[MembershipState.REMOVING],
            adding=states[MembershipState.ADDING],
            problems=len(status.problems),
            line=None if series is None else sparkline(series),
            newest="" if newest is None else newest.id,
            memory="" if used is None else size(used.memory),
            cpu="" if used is None else percent(used.cpu),
            access=board.access,
            owner=board.owner,
            last_visited=None if visited is None else moment(visited, self.now),
            changeable=may_change(self.identity, board),
            chosen=board.name in self.chosen,
        )
