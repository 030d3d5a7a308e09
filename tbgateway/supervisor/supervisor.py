"""All boards: a queue of those to look at, a few workers, and one reconciler per awake board."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from tbgateway.domain.errors import StorageFullError
from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.memory import MemoryLimits
from tbgateway.domain.model import Experiment
from tbgateway.domain.names import BoardId, ExperimentId, LaunchId
from tbgateway.launchers.launcher import EngineUnreachableError, Observation
from tbgateway.supervisor.board_links import known_problems
from tbgateway.supervisor.board_reconciler import BoardReconciler
from tbgateway.supervisor.file_watch import FileWatch
from tbgateway.supervisor.health_watch import HealthWatch
from tbgateway.supervisor.leftovers import clear_away
from tbgateway.supervisor.log_tail import log_tail
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.occupants import Occupants
from tbgateway.supervisor.places import Places
from tbgateway.supervisor.refusals import refuse_if_down, unanswered
from tbgateway.supervisor.signals import Signals
from tbgateway.supervisor.status import ASLEEP, BoardStatus
from tbgateway.supervisor.weights import Weights
from tbgateway.supervisor.work_queue import WorkQueue
from tbgateway.telemetry.resources import Sample
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_WORKERS = 8
_RETRY = 5.0  # seconds until a board is looked at again after the gateway itself failed
_UNREACHABLE_RETRY = 0.5  # seconds until an engine that cannot be asked is asked again
_LOG_LINES = 200
_ROOM_PATIENCE = 10.0  # seconds a request waits for others to make room


class Supervisor:
    """Keeps every board as it is wanted. All methods are called from one event loop."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._queue: WorkQueue[BoardId] = WorkQueue(self._is_looked_at)
        self._reconcilers: dict[BoardId, BoardReconciler] = {}
        self._signals = Signals()
        self._file_watch = FileWatch(means.roots, self._shown, self._reload, self.look_at_all)
        self._weights = Weights(means.memory_limits)
        self._occupants = Occupants(means, self._weights, self._reconcilers)
        self._places = Places(means, self._weights, self._occupants.list, self._retire)
        self._health = HealthWatch(self._opened, self.hint, means.patience, means.clock)

    def __repr__(self) -> str:
        """Tell how many boards are awake."""
        return f"<Supervisor awake={len(self._reconcilers)} {self._queue!r}>"

    # --- what others ask

    def wake(self, board_id: BoardId) -> None:
        """Look at the board: its record, its memberships or its experiments changed."""
        self._means.plan_problems.forget(board_id)
        self._reconciler(board_id).links.mark_due()
        self._queue.put(board_id)

    def hint(self, launch: LaunchId) -> None:
        """Something happened to a launch (given to the launcher as `changed`)."""
        self._queue.put(BoardId(launch.partition(".")[0]))

    def start(self, board_id: BoardId) -> None:
        """Have the board run, also after it failed."""
        reconciler = self._reconciler(board_id)
        reconciler.forgive()
        reconciler.visit()
        self._queue.put(board_id)

    def visited(self, board_id: BoardId) -> None:
        """Note that somebody looks at the board."""
        self._means.store.touch(board_id, self._means.wall_clock())
        reconciler = self._reconcilers.get(board_id)
        if reconciler is not None:
            reconciler.visits.last_request = self._means.clock()

    def status(self, board_id: BoardId) -> BoardStatus:
        """Tell what the board is doing."""
        reconciler = self._reconcilers.get(board_id)
        if reconciler is not None:
            return reconciler.status
        board = self._means.store.boards.get(board_id)
        if board is None:
            return ASLEEP
        return BoardStatus(
            state=self.state(board_id),
            generation=board.generation,
            problems=known_problems(self._means, board_id),
        )

    def state(self, board_id: BoardId) -> BoardState:
        """Tell only the board's state: much cheaper than all of `status`."""
        reconciler = self._reconcilers.get(board_id)
        if reconciler is not None:
            return reconciler.state
        board = self._means.store.boards.get(board_id)
        return BoardState.PAUSED if board is not None and board.paused else BoardState.SLEEPING

    @property
    def queued(self) -> int:
        """How many requests wait because their boards are busy with others."""
        upstreams = (one.upstream for one in self._reconcilers.values())
        return sum(upstream.waiting for upstream in upstreams if upstream is not None)

    async def upstream(self, board_id: BoardId, *, within: float | None = None) -> Upstream:
        """Return where the board's requests go, waking it if needed.

        Raise BoardPausedError, BoardFailedError, NotFoundError if it was deleted meanwhile,
        UnavailableError if there is no room for it soon or the machine is short of something, or
        TimedOutError after `within` seconds (by default the setting boards.wake_timeout).
        """
        seconds = self._means.settings.wake_timeout if within is None else within
        awake = self._reconcilers.get(board_id)
        if awake is not None and awake.upstream is not None:
            awake.visits.last_request = self._means.clock()
            return awake.upstream
        self.refuse_if_down(board_id)
        self._reconciler(board_id).visit()
        self._queue.put(board_id)
        with self._occupants.awaited(board_id):
            await self._until_an_end(board_id, seconds)
        self.refuse_if_down(board_id)
        return self._upstream_or_timeout(board_id, seconds)

    def is_down(self, board_id: BoardId) -> bool:
        """Whether visits cannot wake the board; `refuse_if_down` says why."""
        gone = board_id not in self._means.store.boards
        return gone or self.state(board_id) in {BoardState.FAILED, BoardState.PAUSED}

    def refuse_if_down(self, board_id: BoardId) -> None:
        """Raise NotFoundError, BoardPausedError or BoardFailedError if visits cannot wake it."""
        board = self._means.store.boards.get(board_id)
        refuse_if_down(board, lambda: self.status(board_id))

    def used(self, board_id: BoardId) -> Sample | None:
        """Return what a board uses; None if it does not run, or was not measured yet."""
        awake = self._reconcilers.get(board_id)
        running = awake is not None and awake.launch_id is not None
        return self._weights.used(board_id) if running else None

    @property
    def launches(self) -> dict[BoardId, LaunchId]:
        """The newest generation of each board that has a process."""
        found = ((one.board_id, one.launch_id) for one in self._reconcilers.values())
        return {board_id: launch for board_id, launch in found if launch}

    def weighed(
        self, measured: Mapping[BoardId, Sample], launches: Mapping[BoardId, LaunchId]
    ) -> None:
        """Take what the boards that run are using; those that use too much memory end.

        `launches` are those whose processes were measured. A board that has another one by now is
        not judged: measuring takes a while, and the old one's weight is not the new one's.
        """
        same = dict(launches.items() & self.launches.items())
        for launch in self._weights.learn(measured, same):
            self.hint(launch)
        self._weights.keep_only(self._means.store.boards)
        self._places.tidy()

    def memory_limits(self) -> MemoryLimits:
        """Return what all boards together may take, and one of them, in bytes."""
        return self._means.memory_limits()

    async def wait_for(
        self, board_id: BoardId, reached: Callable[[], bool], *, seconds: float
    ) -> bool:
        """Wait until `reached()`, asked after each change of the board; return whether it is."""
        return await self._signals.until(board_id, reached, seconds=seconds)

    async def tail(self, board_id: BoardId, lines: int = _LOG_LINES) -> str:
        """Return the last lines of the board's log, whether or not it runs."""
        return await log_tail(self._means, board_id, lines)

    # --- running

    async def run(self) -> None:
        """Reap what an earlier gateway left, repair every tree, and work until cancelled."""
        await clear_away(self._means)
        for board_id in self._means.store.boards:
            self.wake(board_id)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._file_watch.run())
            group.create_task(self._health.run())
            for _ in range(_WORKERS):
                group.create_task(self._queue.work(self._look_at))

    async def stop(self) -> None:
        """End every board's process; call it when `run` was cancelled."""
        self._queue.close()
        await asyncio.gather(*(awake.end() for awake in self._reconcilers.values()))

    async def _look_at(self, board_id: BoardId) -> None:
        reconciler = self._reconciler(board_id)
        delay = await self._step(reconciler)
        self._signals.notify(board_id)
        self._means.changed(board_id)
        if delay is not None:
            self._queue.put_after(board_id, delay)
        elif reconciler.dormant:
            self._reconcilers.pop(board_id, None)

    async def _step(self, reconciler: BoardReconciler) -> float | None:
        try:
            seen = await self._means.launcher.observe()
            current = reconciler.launch_id
            told = None if current is None else self._told(current, seen.get(current))
            return await reconciler.step(told)
        except EngineUnreachableError as error:
            log.warning("the launcher cannot be asked", reason=str(error))
            return _UNREACHABLE_RETRY
        except StorageFullError as error:
            log.error("no space left", board=reconciler.board_id, reason=error.detail)  # noqa: TRY400 - the traceback would say nothing more
            return _RETRY
        except Exception:
            log.exception("looking at a board failed", board=reconciler.board_id)
            return _RETRY

    def _told(self, launch: LaunchId, seen: Observation | None) -> Observation | None:
        """Return what is seen of a launch, with what is known of its health and its weight."""
        return self._weights.told(launch, self._health.told(launch, seen))

    # --- what is replaced under TensorBoard's hands

    def _shown(self) -> list[Experiment]:
        """Return the experiments that a process has open, or may open in a moment."""
        shown = {
            experiment
            for awake in self._reconcilers.values()
            if awake.reads
            for experiment in awake.links.links
        }
        known = self._means.store.experiments
        return [known[experiment] for experiment in shown if experiment in known]

    def _reload(self, experiments: frozenset[ExperimentId]) -> None:
        """Have every process that has these open read them anew."""
        for board_id, awake in self._reconcilers.items():
            if awake.reads and awake.links.reload(experiments):
                log.info("event files were replaced", board=board_id, experiments=len(experiments))
                self._queue.put(board_id)

    def look_at_all(self) -> None:
        """Have all with a process find out that a root or a setting is another one now."""
        for board_id, awake in self._reconcilers.items():
            if awake.reads:
                self._queue.put(board_id)

    # --- helpers

    def _opened(self) -> dict[LaunchId, Upstream]:
        """Return the generations that take requests."""
        found = ((awake.launch_id, awake.upstream) for awake in self._reconcilers.values())
        return {launch: upstream for launch, upstream in found if launch and upstream}

    def _retire(self, board_id: BoardId) -> None:
        self._reconciler(board_id).visits.give_way()
        self._queue.put(board_id)

    def _is_looked_at(self, board_id: BoardId) -> bool:
        """Whether somebody waits for the board: it goes before those that are only kept true."""
        reconciler = self._reconcilers.get(board_id)
        return reconciler is not None and reconciler.visits.wanted

    def _reconciler(self, board_id: BoardId) -> BoardReconciler:
        reconciler = self._reconcilers.get(board_id)
        if reconciler is None:
            reconciler = self._reconcilers[board_id] = BoardReconciler(
                board_id, self._means, self._places
            )
        return reconciler

    async def _until_an_end(self, board_id: BoardId, seconds: float) -> None:
        """Wait for so long, or less for one that there is no room for."""
        at_first = min(seconds, _ROOM_PATIENCE)
        if not await self._reached(board_id, at_first) and not self._reconciler(board_id).lacks:
            await self._reached(board_id, seconds - at_first)

    async def _reached(self, board_id: BoardId, seconds: float) -> bool:
        return await self._signals.until(
            board_id, lambda: self._reached_an_end(board_id), seconds=seconds
        )

    def _reached_an_end(self, board_id: BoardId) -> bool:
        awake = self._reconcilers.get(board_id)
        return self.is_down(board_id) or (awake is not None and awake.is_answerable)

    def _upstream_or_timeout(self, board_id: BoardId, seconds: float) -> Upstream:
        reconciler = self._reconciler(board_id)
        if reconciler.upstream is not None:
            return reconciler.upstream
        raise unanswered(self._means.store.boards[board_id].name, reconciler, seconds)
