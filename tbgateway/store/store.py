"""The gateway's state: mappings to read from at any time, transactions to change them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from tbgateway.domain.errors import InvalidInputError, StorageFullError, TbgatewayError
from tbgateway.domain.model import (
    Board,
    Description,
    Experiment,
    GradientRequest,
    LaunchRecord,
    Member,
    Membership,
    Replacement,
    ReservedName,
    Session,
    Token,
    Visit,
    VisitorKind,
)
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId
from tbgateway.store.backup import Backup
from tbgateway.store.database import Database
from tbgateway.store.filesystems import FilesystemOf, filesystem_of, refuse_network_disk
from tbgateway.store.lock import StateLock
from tbgateway.store.memory import Change, Memory
from tbgateway.store.migrations import MIGRATIONS, Migration
from tbgateway.store.transaction import Transaction
from tbgateway.store.visit_log import VisitLog

FLUSH_INTERVAL = 30.0
"""Seconds between two calls of `flush_visits`: what a crash may lose of the visits."""

Listen = Callable[[Sequence[Replacement]], None]
"""Is told what a committed transaction replaced, before anybody else can change anything."""

Write = Callable[[Sequence[Change]], None]
"""Puts changes on the disk, in the writer thread."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Commits:
    """How many transactions were written, how many could not be, and the seconds it took."""

    done: int = 0
    failed: int = 0
    seconds: float = 0.0


class Store:
    """The state of one gateway. All but `open` belongs to one event loop.

    The mappings are live views of what is committed: copy one before awaiting inside a loop.
    """

    def __init__(
        self, lock: StateLock, writer: ThreadPoolExecutor, database: Database, memory: Memory
    ) -> None:
        """Use `Store.open`."""
        self._state_lock = lock
        self._writer = writer
        self._database = database
        self._memory = memory
        self._changing = asyncio.Lock()
        self._visit_log = VisitLog(memory)
        self._closed = False
        self._listeners: list[Listen] = []
        self.commits = Commits()
        self.boards: Mapping[BoardId, Board] = memory.boards.rows
        self.experiments: Mapping[ExperimentId, Experiment] = memory.experiments.rows
        self.descriptions: Mapping[ExperimentId, Description] = memory.descriptions.rows
        self.memberships: Mapping[tuple[BoardId, ExperimentId], Membership] = (
            memory.memberships.rows
        )
        self.members: Mapping[str, Member] = memory.members.rows
        self.tokens: Mapping[str, Token] = memory.tokens.rows
        self.sessions: Mapping[str, Session] = memory.sessions.rows
        self.visits: Mapping[tuple[BoardId, VisitorKind, str], Visit] = memory.visits.rows
        self.gradient_requests: Mapping[BoardId, GradientRequest] = memory.gradient_requests.rows
        self.reserved_names: Mapping[str, ReservedName] = memory.reserved_names.rows
        self.launches: Mapping[LaunchId, LaunchRecord] = memory.launches.rows

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        kind_of: FilesystemOf = filesystem_of,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> Self:
        """Open or make the state; its directory is made private if it is new.

        Raise InvalidInputError if it cannot be kept there (network file system, permissions),
        ConflictError if another gateway uses it or a newer version wrote it.
        """
        refuse_network_disk(path, kind_of)
        with _usable(path.parent):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = StateLock(path.with_name("gateway.lock"))
            writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-writer")
            try:
                database = writer.submit(Database.open, path, migrations).result()
                memory = writer.submit(database.load).result()
            except BaseException:
                writer.shutdown()
                lock.release()
                raise
        return cls(lock, writer, database, memory)

    def __repr__(self) -> str:
        return f"<Store: {len(self.boards)} boards, {len(self.experiments)} experiments>"

    def board_named(self, name: str) -> Board | None:
        """Return the board that has this name now."""
        return next(iter(self._memory.boards.group("name", name)), None)

    def experiments_named(self, name: str) -> tuple[Experiment, ...]:
        """Return the experiments of this name, one per root at most."""
        return self._memory.experiments.group("name", name)

    def experiment_at(self, path: str) -> Experiment | None:
        """Return the experiment whose directory this is."""
        return next(iter(self._memory.experiments.group("path", path)), None)

    def memberships_of(self, board_id: BoardId) -> tuple[Membership, ...]:
        """Return a board's memberships, by the time they were added."""
        found = self._memory.memberships.group("board_id", board_id)
        return tuple(sorted(found, key=lambda one: (one.added_at, one.experiment_id)))

    def boards_showing(self, experiment_id: ExperimentId) -> tuple[Membership, ...]:
        """Return an experiment's memberships, by the time they were added."""
        found = self._memory.memberships.group("experiment_id", experiment_id)
        return tuple(sorted(found, key=lambda one: (one.added_at, one.board_id)))

    def visits_of(self, board_id: BoardId) -> tuple[Visit, ...]:
        """Return who looked at a board, the last one first."""
        found = self._memory.visits.group("board_id", board_id)
        return tuple(sorted(found, key=lambda one: (-one.last_at, one.kind, one.visitor)))

    def sessions_of(self, member: str) -> tuple[Session, ...]:
        """Return a member's sessions, in the order they came."""
        return self._memory.sessions.group("member", member)

    def listen(self, listener: Listen) -> None:
        """Have `listener` called after every commit, with what it replaced."""
        self._listeners.append(listener)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Change something; one transaction at a time, committed when the block ends.

        Reading inside shows what is committed, without the transaction's own changes. Nothing
        changes if the block raises, nor if the commit does: ConflictError, StorageFullError,
        UnavailableError.
        """
        async with self._changing:
            transaction = Transaction(self._memory)
            try:
                yield transaction
            finally:
                changes = transaction.finish()
            await self._commit(changes)

    def touch(self, board_id: BoardId, when: float) -> None:
        """Note a visit (Unix seconds): in memory now, on the disk with the next flush."""
        self._visit_log.touch(board_id, when)

    def look(self, board_id: BoardId, kind: VisitorKind, visitor: str, when: float) -> None:
        """Note who opened a board's page (Unix seconds), in the same way."""
        self._visit_log.look(board_id, kind, visitor, when)

    async def flush_visits(self) -> None:
        """Write the visits since the last flush; to be called every FLUSH_INTERVAL."""
        async with self._changing:
            taken = self._visit_log.take()
            try:
                await self._commit(self._visit_log.changes(taken))
            except BaseException:
                self._visit_log.put_back(taken)
                raise

    async def back_up(self) -> bytes:
        """Return everything, as the content of a file that `Backup.read` reads; see docs/backup.md.

        Visits since the last flush are in it if they can be stored: a full disk keeps nobody from
        having a backup. Changes go on meanwhile: what is returned is as it was at one moment. Raise
        UnavailableError if the file cannot be read.
        """
        with suppress(StorageFullError):
            await self.flush_visits()
        return await asyncio.to_thread(self._database.content)

    async def restore(self, backup: Backup, *, keep: bool = True) -> Sequence[Replacement]:
        """Replace every record by those of the backup, in one transaction; return what changed.

        With `keep`, what was stays in a file beside. Raise what a transaction raises; then nothing
        changed.
        """
        async with self._changing:
            if keep:
                keeping = self._writer.submit(self._database.keep_copy, "before-restore")
                kept = await asyncio.wrap_future(keeping)
                log.info("what was before the restore is kept", path=str(kept))
            changes = backup.changes(self._memory)
            told = [one for one in changes if not one.keep or self._differs(one)]
            return await self._commit(told, lambda _: self._database.rewrite(changes))

    async def close(self) -> None:
        """Write what is left, close the file and let the next gateway in."""
        if self._closed:
            return
        self._closed = True
        try:
            await self.flush_visits()
        except TbgatewayError as error:
            log.warning("the last visits were not stored", reason=error.detail)
        finally:
            self._writer.submit(self._database.close).result()
            self._writer.shutdown()
            self._state_lock.release()

    def _differs(self, change: Change) -> bool:
        shelf = self._memory.shelf(type(change.record))
        return shelf.rows.get(shelf.table.key(change.record)) != change.record

    async def _commit(
        self, changes: Sequence[Change], write: Write | None = None
    ) -> Sequence[Replacement]:
        """Write in the writer thread, then change the memory: also if the caller is cancelled.

        A thread cannot be called back; a cancelled caller waits for it, so that memory and disk
        stay the same.
        """
        if not changes:
            return ()
        written = list(self._visit_log.with_newest(changes))
        began = time.monotonic()
        writing = self._writer.submit(write or self._database.write, written)
        interruption = await _outlast(writing)
        failure = writing.exception()
        replaced: Sequence[Replacement] = ()
        self.commits.seconds += time.monotonic() - began
        if failure is None:
            self.commits.done += 1
            replaced = self._memory.apply(self._visit_log.with_newest(written))
            self._tell(replaced)
        else:
            self.commits.failed += 1
        if interruption is not None:
            raise interruption
        if failure is not None:
            raise failure
        return replaced

    def _tell(self, replacements: Sequence[Replacement]) -> None:
        for listener in self._listeners:
            try:
                listener(replacements)
            except Exception:  # what is written is written, whoever hears of it
                log.exception("a change could not be told")


async def _outlast(writing: Future[None]) -> asyncio.CancelledError | None:
    """Wait until the thread is done, however often this task is cancelled meanwhile."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    writing.add_done_callback(lambda _: loop.call_soon_threadsafe(done.set))
    interruption = None
    while not done.is_set():
        try:
            await done.wait()
        except asyncio.CancelledError as error:
            interruption = error
    return interruption


@contextmanager
def _usable(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInputError(
            f"The state cannot be kept in {directory}: {error.strerror or error}.",
            hint="Choose a directory that the gateway's user may write to (--state-dir).",
        ) from error
