"""Who looked at which board, as far as it is kept and told."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

from tbgateway.boards.boards import Boards
from tbgateway.domain.model import Board, Identity, LocalOperator, SignedIn, Visit, Visitor
from tbgateway.domain.model import VisitorKind as Kind
from tbgateway.domain.names import BoardId
from tbgateway.members import who
from tbgateway.store import Store

LONGEST_KEPT = 90 * 86_400.0
"""Seconds after the last visit for which a visitor is remembered."""
MOST_KEPT = 200
"""Visitors of one board that are remembered at most."""
FORGETTING_INTERVAL = 3600.0
"""Seconds between two calls of `forget_old`."""


class Visits:
    """What is remembered of the people who open boards. `clock` tells Unix seconds."""

    def __init__(
        self, store: Store, boards: Boards, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._boards = boards
        self._clock = clock

    def looked(self, board: Board, identity: Identity) -> None:
        """Note that `identity` opened the board's page."""
        kind, visitor = _visitor(identity)
        self._store.look(board.id, kind, visitor, self._clock())

    def recent(self, board_id: BoardId) -> tuple[Visit, ...]:
        """Return who looked at the board, the last one first: for those who may change it."""
        oldest = self._clock() - LONGEST_KEPT
        kept = (one for one in self._store.visits_of(board_id) if one.last_at >= oldest)
        return tuple(kept)[:MOST_KEPT]

    def list(self, identity: Identity, ref: str) -> tuple[Visit, ...]:
        """Return what `recent` does; raise NotFoundError, or DeniedError to others than those."""
        return self.recent(self._boards.changeable(ref, identity).id)

    async def forget_old(self) -> None:
        """Forget what is older, or more, than is kept."""
        async with self._store.transaction() as tx:
            tx.drop(*self._old(), *self._surplus())

    def _old(self) -> Iterator[Visit]:
        oldest = self._clock() - LONGEST_KEPT
        return (one for one in self._store.visits.values() if one.last_at < oldest)

    def _surplus(self) -> Iterator[Visit]:
        visitors = Counter(one.board_id for one in self._store.visits.values())
        for board_id, number in visitors.items():
            if number > MOST_KEPT:
                yield from self._store.visits_of(board_id)[MOST_KEPT:]


def _visitor(identity: Identity) -> tuple[Kind, str]:
    match identity:
        case SignedIn() | LocalOperator():
            return Kind.MEMBER, who(identity)
        case Visitor(username=username):
            return Kind.PASSWORD, username
        case _:
            return Kind.ANYONE, ""
