"""The use cases around boards: what people may ask of them, and who may ask it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from tbgateway.boards.entry import Entry, new_hash, with_entry
from tbgateway.boards.membership_changes import MembershipChanges
from tbgateway.boards.membership_view import MembershipView
from tbgateway.boards.naming import check_name_is_free, formerly_named, name_of_its_own
from tbgateway.boards.showing import Showing
from tbgateway.boards.waiting import Until, Waiting
from tbgateway.boards.wish import Wish
from tbgateway.domain.access import may_change, may_see, sees_all
from tbgateway.domain.errors import ConflictError, DeniedError, NotFoundError
from tbgateway.domain.idle_time import check_idle_timeout
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.model import (
    Access,
    Board,
    Experiment,
    Identity,
    Membership,
    MembershipState,
    ReservedName,
)
from tbgateway.domain.names import BoardId, check_board_name, new_board_id
from tbgateway.experiments import Experiments
from tbgateway.members import who
from tbgateway.store import Store
from tbgateway.supervisor.status import BoardStatus
from tbgateway.supervisor.supervisor import Supervisor
from tbgateway.telemetry.resources import Sample


class Boards:
    """All boards. `rounds` is bcrypt's cost (log2)."""

    def __init__(
        self,
        store: Store,
        experiments: Experiments,
        supervisor: Supervisor,
        *,
        rounds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._experiments = experiments
        self._supervisor = supervisor
        self._rounds = rounds
        self._clock = clock
        self._membership_changes = MembershipChanges(store, experiments, clock)

    # --- looking

    def list(self, identity: Identity) -> tuple[Board, ...]:
        """Return the boards `identity` may look at or change, by name."""
        known = self._store.boards.values()
        seen = known if sees_all(identity) else (one for one in known if may_see(identity, one))
        return tuple(sorted(seen, key=attrgetter("name")))

    def find(self, ref: str, identity: Identity) -> Board:
        """Return the board with this id or name; NotFoundError also if it must not be seen."""
        board = self._store.boards.get(BoardId(ref)) or self._store.board_named(ref)
        if board is None or not may_see(identity, board):
            raise NotFoundError(
                f"There is no board {ref!r}.",
                hint=self._hint(ref, identity),
                command="tbgateway board list",
            )
        return board

    def changeable(self, ref: str, identity: Identity) -> Board:
        """Return the board as `find` does; raise DeniedError if `identity` may not change it."""
        board = self.find(ref, identity)
        if not may_change(identity, board):
            raise DeniedError(
                f"Only {board.owner!r} or an admin may change the board {board.name!r}.",
                hint="Ask one of them, or make a board of your own.",
                command="tbgateway board create NAME",
            )
        return board

    def renamed(self, name: str, identity: Identity) -> Board | None:
        """Return the board that had this name before, if `identity` may see it."""
        board = formerly_named(self._store, name)
        return board if board is not None and may_see(identity, board) else None

    def showing(self, identity: Identity) -> Showing:
        """Tell which boards show which experiments, as far as `identity` may know of them."""
        return Showing.to(identity, self._store)

    def status(self, board: Board) -> BoardStatus:
        """Tell what the board is doing."""
        return self._supervisor.status(board.id)

    def used(self, board: Board) -> Sample | None:
        """Tell what the board uses; None if it does not run, or was not measured yet."""
        return self._supervisor.used(board.id)

    def state(self, board: Board) -> BoardState:
        """Tell only the board's state: much cheaper than all of `status`."""
        return self._supervisor.state(board.id)

    def memberships(
        self, board: Board, status: BoardStatus | None = None
    ) -> tuple[MembershipView, ...]:
        """Return the board's experiments, in the order they were added.

        Whoever knows its `status` gives it: that is half of the work.
        """
        return self.views(board, self.membership_records(board), status)

    def membership_records(self, board: Board) -> tuple[Membership, ...]:
        """Return what is stored of the board's memberships: thousands cost little."""
        return self._store.memberships_of(board.id)

    def views(
        self, board: Board, some: Iterable[Membership], status: BoardStatus | None = None
    ) -> tuple[MembershipView, ...]:
        """Return some of the board's memberships as people see them.

        Those whose experiments were forgotten since they were read are left out.
        """
        status, known = status or self.status(board), self._store.experiments
        return tuple(self._view(one, status) for one in some if one.experiment_id in known)

    def experiments(self, board: Board) -> Iterator[Experiment]:
        """Yield the experiments that are on the board to stay, in the order they were added."""
        known = self._store.experiments
        members = self._store.memberships_of(board.id)
        return (known[one.experiment_id] for one in members if not one.removing)

    def membership_states(self, board: Board) -> Counter[MembershipState]:
        """Count the board's experiments: much cheaper than all of `memberships`."""
        experiments = self._store.experiments
        members = self._store.memberships_of(board.id)
        return Counter(one.state(experiments[one.experiment_id]) for one in members)

    def wish(self, board: Board) -> Wish:
        """Tell what the board was asked for with by Gradient's API; empty for all others."""
        return Wish.stored(self._store.gradient_requests.get(board.id))

    async def log(self, identity: Identity, ref: str, lines: int) -> str:
        """Return the last lines of the board's log to those who may change it."""
        board = self.changeable(ref, identity)
        return await self._supervisor.tail(board.id, lines)

    # --- changing

    async def create(
        self,
        identity: Identity,
        name: str | None,
        experiments: Sequence[str],
        entry: Entry,
        *,
        start: bool = False,
        wish: Wish | None = None,
    ) -> Board:
        """Make a board, and start it if that is wanted. Without a name it gets one of its own.

        Raise NameTakenError, InvalidInputError, NotFoundError or NamesShadowError.
        """
        board_id = new_board_id()
        name = name_of_its_own(board_id) if name is None else check_board_name(name)
        bare = Board(
            id=board_id,
            name=name,
            owner=who(identity),
            access=Access.MEMBERS if entry.username is None else Access.PASSWORD,
            created_at=self._clock(),
        )
        board = with_entry(bare, entry, await new_hash(bare, entry, rounds=self._rounds))
        check_name_is_free(self._store, name)
        sought = await self._experiments.seek(experiments)
        async with self._store.transaction() as tx:
            check_name_is_free(self._store, name)
            members = self._experiments.enlist(tx, sought)
            tx.put(board, *(() if wish is None else (wish.record(board.id),)))
            await asyncio.sleep(0)
            await self._membership_changes.put(tx, board, members, ())
        self._supervisor.wake(board.id)
        if start:
            self._supervisor.start(board.id)
        return board

    async def change_experiments(
        self, identity: Identity, ref: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Board:
        """Add and remove experiments in one transaction; both are idempotent."""
        self.changeable(ref, identity)
        sought = await self._experiments.seek(add)
        async with self._store.transaction() as tx:
            board = self.changeable(ref, identity)
            added = self._experiments.enlist(tx, sought)
            removed = [self._experiments.find(one) for one in remove]
            await asyncio.sleep(0)
            await self._membership_changes.put(tx, board, added, removed)
        self._supervisor.wake(board.id)
        return board

    async def rename(self, identity: Identity, ref: str, name: str) -> Board:
        """Give the board another name; the old one stays reserved and redirects."""
        check_board_name(name)
        async with self._store.transaction() as tx:
            board = self.changeable(ref, identity)
            if board.name == name:
                return board
            check_name_is_free(self._store, name, but_for=board)
            old = self._store.reserved_names.get(name)
            if old is not None:
                tx.drop(old)
            renamed = replace(board, name=name)
            tx.put(renamed, ReservedName(name=board.name, board_id=board.id))
        self._supervisor.wake(board.id)
        return renamed

    async def set_entry(self, identity: Identity, ref: str, entry: Entry) -> Board:
        """Change who may look, the user name or the password. An old password dies at once."""
        hashed = await new_hash(
            self.changeable(ref, identity),
            entry,
            rounds=self._rounds,
            contradiction=ConflictError,
        )
        async with self._store.transaction() as tx:
            # What the entry leaves as it is may have changed meanwhile.
            current = self.changeable(ref, identity)
            board = with_entry(current, entry, hashed, contradiction=ConflictError)
            tx.put(board)
        return board

    async def set_idle_timeout(self, identity: Identity, ref: str, seconds: float | None) -> Board:
        """Say after how long without a look the board sleeps; None is as the settings say.

        0 is never. Raise InvalidInputError for what is too short or too long.
        """
        checked = None if seconds is None else check_idle_timeout(seconds)
        async with self._store.transaction() as tx:
            board = replace(self.changeable(ref, identity), idle_timeout=checked)
            tx.put(board)
        self._supervisor.wake(board.id)
        return board

    async def pause(self, identity: Identity, ref: str) -> Board:
        """Stop the board; visits do not wake it until somebody starts it."""
        return await self._set_paused(identity, ref, paused=True)

    async def start(self, identity: Identity, ref: str) -> Board:
        """Have the board run, also after it was stopped or failed."""
        board = await self._set_paused(identity, ref, paused=False)
        self._supervisor.start(board.id)
        return board

    async def delete(self, identity: Identity, ref: str) -> None:
        """Delete the board, its links and its process; never an event file."""
        async with self._store.transaction() as tx:
            board = self.changeable(ref, identity)
            tx.drop(board)
        self._supervisor.wake(board.id)

    async def wait(self, board: Board, until: Until, *, seconds: float) -> bool:
        """Start the board and wait until its experiments are visible (or added, too).

        Waiting for "removed" ones to be gone starts nothing: without a process they are. Return
        whether it was reached within `seconds`; an experiment with a problem does not hold it
        up. Raise BoardFailedError, BoardPausedError, or NotFoundError if it was deleted.
        """
        waiting = Waiting(self._supervisor, board.id, partial(self.memberships, board))
        return await waiting.until(until, seconds)

    # --- helpers

    def _hint(self, ref: str, identity: Identity) -> str:
        renamed = self.renamed(ref, identity)
        if renamed is None:
            return "List those that you may see."
        return f"It is called {renamed.name!r} now."

    async def _set_paused(self, identity: Identity, ref: str, *, paused: bool) -> Board:
        async with self._store.transaction() as tx:
            board = replace(self.changeable(ref, identity), paused=paused)
            tx.put(board)
        self._supervisor.wake(board.id)
        return board

    def _view(self, membership: Membership, status: BoardStatus) -> MembershipView:
        experiment = self._store.experiments[membership.experiment_id]
        name = self._experiments.display_name(experiment)
        return MembershipView.of(membership, experiment, name, status)
