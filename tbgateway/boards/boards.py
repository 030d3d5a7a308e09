"""The use cases around boards: what people may ask of them, and who may ask it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from tbgateway.boards.entry import Entry, with_entry
from tbgateway.boards.membership_view import MembershipView
from tbgateway.boards.naming import check_name_is_free, formerly_named
from tbgateway.domain.access import may_change, may_look
from tbgateway.domain.errors import (
    ConflictError,
    DeniedError,
    InvalidInputError,
    NotFoundError,
    TimedOutError,
)
from tbgateway.domain.model import (
    Access,
    Board,
    Experiment,
    Identity,
    Membership,
    MembershipState,
    ReservedName,
)
from tbgateway.domain.names import (
    BoardId,
    check_board_name,
    check_no_shadow,
    new_board_id,
)
from tbgateway.experiments import Experiments
from tbgateway.members import who
from tbgateway.store import Store, Transaction
from tbgateway.supervisor.status import BoardStatus
from tbgateway.supervisor.supervisor import Supervisor

Until = Literal["visible", "added", "removed"]


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

    # --- looking

    def list(self, identity: Identity) -> tuple[Board, ...]:
        """Return the boards `identity` may look at or change, by name."""
        seen = (board for board in self._store.boards.values() if _may_see(identity, board))
        return tuple(sorted(seen, key=lambda board: board.name))

    def find(self, ref: str, identity: Identity) -> Board:
        """Return the board with this id or name; NotFoundError also if it must not be seen."""
        board = self._store.boards.get(BoardId(ref)) or self._store.board_named(ref)
        if board is None or not _may_see(identity, board):
            raise NotFoundError(
                f"There is no board {ref!r}.",
                hint=self._hint(ref, identity),
                command="tbgateway board list",
            )
        return board

    def status(self, board: Board) -> BoardStatus:
        """Tell what the board is doing."""
        return self._supervisor.status(board.id)

    def memberships(self, board: Board) -> tuple[MembershipView, ...]:
        """Return the board's experiments, in the order they were added."""
        status = self.status(board)
        return tuple(self._view(one, status) for one in self._store.memberships_of(board.id))

    def membership_states(self, board: Board) -> Counter[MembershipState]:
        """Count the board's experiments: much cheaper than all of `memberships`."""
        experiments = self._store.experiments
        members = self._store.memberships_of(board.id)
        return Counter(one.state(experiments[one.experiment_id]) for one in members)

    async def log(self, identity: Identity, ref: str, lines: int) -> str:
        """Return the last lines of the board's log to those who may change it."""
        board = self._changeable(ref, identity)
        return await self._supervisor.tail(board.id, lines)

    # --- changing

    async def create(
        self, identity: Identity, name: str, experiments: Sequence[str], entry: Entry
    ) -> Board:
        """Make a board.

        Raise NameTakenError, InvalidInputError, NotFoundError or NamesShadowError.
        """
        check_board_name(name)
        board = await with_entry(
            Board(
                id=new_board_id(),
                name=name,
                owner=who(identity),
                access=Access.MEMBERS if entry.username is None else Access.PASSWORD,
                created_at=self._clock(),
            ),
            entry,
            rounds=self._rounds,
        )
        check_name_is_free(self._store, name)
        sought = await self._experiments.seek(experiments)
        async with self._store.transaction() as tx:
            check_name_is_free(self._store, name)
            members = self._experiments.enlist(tx, sought)
            tx.put(board)
            self._put_memberships(tx, board, members, ())
        self._experiments.announce(sought)
        self._supervisor.wake(board.id)
        return board

    async def change_experiments(
        self, identity: Identity, ref: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Board:
        """Add and remove experiments in one transaction; both are idempotent."""
        self._changeable(ref, identity)
        sought = await self._experiments.seek(add)
        async with self._store.transaction() as tx:
            board = self._changeable(ref, identity)
            added = self._experiments.enlist(tx, sought)
            removed = [self._experiments.find(one) for one in remove]
            self._refuse_contradiction(added, removed)
            self._put_memberships(tx, board, added, removed)
        self._experiments.announce(sought)
        self._supervisor.wake(board.id)
        return board

    async def rename(self, identity: Identity, ref: str, name: str) -> Board:
        """Give the board another name; the old one stays reserved and redirects."""
        check_board_name(name)
        async with self._store.transaction() as tx:
            board = self._changeable(ref, identity)
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
        board = self._changeable(ref, identity)
        prepared = await with_entry(board, entry, rounds=self._rounds, contradiction=ConflictError)
        async with self._store.transaction() as tx:
            current = self._changeable(ref, identity)
            board = replace(
                current,
                access=prepared.access,
                username=prepared.username,
                password_hash=prepared.password_hash,
                credential_generation=current.credential_generation + 1,
            )
            tx.put(board)
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
            board = self._changeable(ref, identity)
            tx.drop(board)
        self._supervisor.wake(board.id)

    async def wait(self, board: Board, until: Until, *, seconds: float) -> bool:
        """Start the board and wait until its experiments are visible (or added, too).

        Waiting for "removed" ones to be gone starts nothing: without a process they are. Return
        whether it was reached within `seconds`; an experiment with a problem does not hold it
        up. Raise BoardFailedError, BoardPausedError, or NotFoundError if it was deleted.
        """
        if until == "removed":
            return await self._supervisor.wait_for(
                board.id, lambda: self._reached(board, until), seconds=seconds
            )
        deadline = asyncio.get_running_loop().time() + seconds
        try:
            await self._supervisor.upstream(board.id, within=seconds)
        except TimedOutError:
            return False
        left = deadline - asyncio.get_running_loop().time()
        reached = await self._supervisor.wait_for(
            board.id,
            lambda: self._supervisor.is_down(board.id) or self._reached(board, until),
            seconds=max(left, 0.0),
        )
        self._supervisor.refuse_if_down(board.id)
        return reached

    # --- helpers

    def _hint(self, ref: str, identity: Identity) -> str:
        renamed = formerly_named(self._store, ref)
        if renamed is None or not _may_see(identity, renamed):
            return "List those that you may see."
        return f"It is called {renamed.name!r} now."

    def _changeable(self, ref: str, identity: Identity) -> Board:
        board = self.find(ref, identity)
        if not may_change(identity, board):
            raise DeniedError(
                f"Only {board.owner!r} or an admin may change the board {board.name!r}.",
                hint="Ask one of them, or make a board of your own.",
                command="tbgateway board create NAME",
            )
        return board

    async def _set_paused(self, identity: Identity, ref: str, *, paused: bool) -> Board:
        async with self._store.transaction() as tx:
            board = replace(self._changeable(ref, identity), paused=paused)
            tx.put(board)
        self._supervisor.wake(board.id)
        return board

    def _refuse_contradiction(
        self, added: Sequence[Experiment], removed: Sequence[Experiment]
    ) -> None:
        coming = {one.id for one in added}
        for one in removed:
            if one.id in coming:
                name = self._experiments.display_name(one)
                raise InvalidInputError(
                    f"{name!r} is to be added and removed.", hint="Ask for one of the two."
                )

    def _put_memberships(
        self,
        tx: Transaction,
        board: Board,
        added: Sequence[Experiment],
        removed: Sequence[Experiment],
    ) -> None:
        leaving = {one.id for one in removed}
        present = {one.experiment_id: one for one in self._store.memberships_of(board.id)}
        staying = {key for key, one in present.items() if not one.removing}
        self._check_names([self._store.experiments[key] for key in staying - leaving], added)
        for experiment in added:
            known = present.get(experiment.id)
            if known is None or known.removing:
                tx.put(self._membership(board, experiment))
        for key in leaving & set(present):
            tx.put(replace(present[key], removing=True))

    def _check_names(self, staying: Sequence[Experiment], added: Sequence[Experiment]) -> None:
        together = {one.id: one for one in (*staying, *added)}
        check_no_shadow(self._experiments.names_together(together.values()))

    def _membership(self, board: Board, experiment: Experiment) -> Membership:
        return Membership(board_id=board.id, experiment_id=experiment.id, added_at=self._clock())

    def _view(self, membership: Membership, status: BoardStatus) -> MembershipView:
        experiment = self._store.experiments[membership.experiment_id]
        name = self._experiments.display_name(experiment)
        return MembershipView.of(membership, experiment, name, status)

    def _reached(self, board: Board, until: Until) -> bool:
        views = self.memberships(board)
        leaving = any(one.state is MembershipState.REMOVING for one in views)
        if until == "removed":
            return not leaving
        running = until == "added" and any(one.state is MembershipState.ADDING for one in views)
        return not running and all(one.settled for one in views)


def _may_see(identity: Identity, board: Board) -> bool:
    return may_look(identity, board) or may_change(identity, board)
