"""The use cases around backups: all records as one file, and back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from tbgateway.domain.model import (
    Board,
    Description,
    Experiment,
    Identity,
    Membership,
    Replacement,
    Token,
)
from tbgateway.domain.names import BoardId
from tbgateway.members import who
from tbgateway.store import Store
from tbgateway.store.backup import Backup

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """How many records there are now.

    `tokens_back` are those of tokens that did not work before: somebody may have deleted them.
    """

    boards: int
    experiments: int
    members: int
    tokens: int
    tokens_back: int


class Backups:
    """Makes backups and restores them; `wake` has a board looked at whose records changed.

    Each has all records in memory: one at a time, the others wait.
    """

    def __init__(self, store: Store, wake: Callable[[BoardId], None]) -> None:
        self._store = store
        self._wake = wake
        self._one_at_a_time = asyncio.Lock()

    async def make(self, identity: Identity) -> bytes:
        """Return all records as the content of one file; raise UnavailableError."""
        async with self._one_at_a_time:
            content = await self._store.back_up()
        log.info("backed up", by=who(identity), bytes=len(content))
        return content

    async def restore(
        self, identity: Identity, receive: Callable[[], Awaitable[bytes]]
    ) -> Restored:
        """Replace all records by those of a backup, which `receive` returns.

        Raise InvalidInputError or ConflictError if it is none, and what `receive` or a transaction
        raises: then nothing changed.
        """
        async with self._one_at_a_time:
            backup = await asyncio.to_thread(Backup.read, await receive())
            replaced = await self._store.restore(backup)
        for board_id in dict.fromkeys(self._boards(replaced)):
            self._wake(board_id)
        restored = Restored(
            boards=len(self._store.boards),
            experiments=len(self._store.experiments),
            members=len(self._store.members),
            tokens=len(self._store.tokens),
            tokens_back=sum(before is None and isinstance(now, Token) for before, now in replaced),
        )
        log.warning("restored", by=who(identity), boards=restored.boards, changed=len(replaced))
        return restored

    def _boards(self, replaced: Sequence[Replacement]) -> Iterator[BoardId]:
        """Yield which boards' records, memberships or experiments changed."""
        for one in (record for pair in replaced for record in pair):
            match one:
                case Board(id=board_id) | Membership(board_id=board_id):
                    yield board_id
                case Experiment(id=shown) | Description(experiment_id=shown):
                    yield from (each.board_id for each in self._store.boards_showing(shown))
