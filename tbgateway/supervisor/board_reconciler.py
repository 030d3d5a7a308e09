"""One board: observe → decide → act. What to do is decided in `domain.lifecycle`, never here."""

import asyncio
import shutil
from dataclasses import replace
from functools import partial

import structlog

from tbgateway.domain import lifecycle
from tbgateway.domain.errors import TbgatewayError
from tbgateway.domain.lifecycle import (
    Action,
    BackOff,
    BoardState,
    Fail,
    Observed,
    Open,
    Phase,
    Rest,
    Settle,
    Start,
    Stop,
    Wanted,
)
from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import (
    EngineUnreachableError,
    LaunchError,
    Observation,
    Running,
)
from tbgateway.supervisor.board_links import BoardLinks
from tbgateway.supervisor.instance import Instance
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.phases import phase_of
from tbgateway.supervisor.status import BoardStatus
from tbgateway.supervisor.visits import Visits
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_TAIL_LINES = 20


class BoardReconciler:
    """Knows what one board is doing and brings it nearer to what is wanted, a step at a time."""

    def __init__(self, board_id: BoardId, means: Means) -> None:
        self.board_id = board_id
        self.visits = Visits(means.clock())
        self.links = BoardLinks(board_id, means)
        self._means = means
        self._observed = Observed()
        self._instance: Instance | None = None
        self._observation: Observation | None = None
        self._log_tail = ""

    def __repr__(self) -> str:
        """Tell the state, as tests and logs want to see it."""
        return f"<BoardReconciler {self.board_id} {self._observed.state} {self._observed.phase}>"

    @property
    def board(self) -> Board | None:
        """The record, or None once the board is deleted."""
        return self._means.store.boards.get(self.board_id)

    @property
    def launch_id(self) -> LaunchId | None:
        """Which generation is the newest, while there is one."""
        return self._instance.handle.launch_id if self._instance else None

    @property
    def reads(self) -> bool:
        """Whether there is a process that reads the links, or will be in a moment."""
        return self._instance is not None or self._observed.state is BoardState.STARTING

    @property
    def upstream(self) -> Upstream | None:
        """Where requests may go now."""
        return self._instance.upstream if self._instance else None

    @property
    def dormant(self) -> bool:
        """Whether this object holds nothing that could not be made anew."""
        if self._instance is not None or self.links.due_at is not None:
            return False
        asleep = self._observed.state in {BoardState.SLEEPING, BoardState.PAUSED}
        return self.board is None or (asleep and not self.visits.wanted)

    @property
    def state(self) -> BoardState:
        """What the board is doing; much cheaper than all of `status`."""
        return self._told_state(self.board)

    @property
    def status(self) -> BoardStatus:
        """What to tell people."""
        board = self.board
        seen = self._observation if self._instance is not None else None
        state = self._told_state(board)
        return BoardStatus(
            state=state,
            reason=self._observed.reason if state is self._observed.state else "",
            log_tail=self._log_tail,
            generation=board.generation if board else 0,
            visible=self.links.visible,
            problems=self.links.problems,
            flawed=self.links.flawed,
            notes=seen.notes if isinstance(seen, Running) else (),
        )

    def visit(self) -> None:
        """Somebody asks for the board."""
        self.visits.come(self._now())

    def forgive(self) -> None:
        """Forget a failure: somebody asked for another try, or changed what made it fail."""
        if self._observed.state is BoardState.FAILED:
            self._move(BoardState.SLEEPING, "")
            self._observed = Observed()

    async def step(self, observation: Observation | None) -> float | None:
        """Do the one next thing; return in how many seconds to look again (None: when told)."""
        self._observe(observation)
        self._tire_of_idling()
        # A start makes the tree true itself, beside its other preparations: somebody waits for it.
        if self.links.due() and not isinstance(self._decide(), Start):
            changed = await self.links.sync(read=self._instance is not None)
            if changed:
                self.forgive()
        action = self._decide()
        if isinstance(action, Rest):
            return await self._rest(action)
        await self._act(action)
        return 0.0

    async def end(self) -> None:
        """End the process, because the gateway stops."""
        if self._instance is not None:
            await self._stop("the gateway stops")

    # --- observing

    def _told_state(self, board: Board | None) -> BoardState:
        """Without a process a board is paused as soon as its record is, and as long."""
        state = self._observed.state
        if board is None or state in lifecycle.WITH_PROCESS:
            return state
        if board.paused:
            return BoardState.PAUSED
        return BoardState.SLEEPING if state is BoardState.PAUSED else state

    def _now(self) -> float:
        return self._means.clock()

    def _decide(self) -> Action:
        return lifecycle.decide(self._wanted(), self._observed, self._now(), self._means.limits)

    def _wanted(self) -> Wanted:
        board = self.board
        if board is None:
            return Wanted(deleted=True)
        return Wanted(visited=self.visits.wanted, paused=board.paused)

    def _observe(self, observation: Observation | None) -> None:
        self._observation = observation
        launched = self._instance is not None
        phase, reason = phase_of(observation, launched=launched, before=self._observed.phase)
        if phase is not self._observed.phase:
            since = self._observed.since if phase is Phase.GONE else self._now()
            self._observed = replace(self._observed, phase=phase, since=since)
        if reason:
            self._observed = replace(self._observed, reason=reason)
        if launched and isinstance(observation, Running):
            self.links.heed(observation.problems)

    def _idle_at(self) -> float | None:
        after = self._means.idle_timeout(self.board_id)
        return self.visits.idle_at(self.upstream, after, self._now())

    def _tire_of_idling(self) -> None:
        if (idle_at := self._idle_at()) is not None and self._now() >= idle_at:
            self.visits.wanted = False

    # --- acting

    async def _rest(self, action: Rest) -> float | None:
        """Nothing to decide: follow what TensorBoard shows, and clear up after a deletion."""
        again = None
        if self._instance is not None and self._instance.upstream is not None:
            again = await self.links.follow(self._instance.upstream)
            reason = self._why_outgrown(self._instance)
            if reason is not None:
                await self._back_off(self._now(), self._observed.crashes, reason)
                return 0.0
        elif self._instance is None:
            await self._without_process()
        times = (action.until, self._idle_at(), self.links.due_at)
        due = [time - self._now() for time in times if time is not None]
        return min(due if again is None else [*due, again], default=None)

    async def _without_process(self) -> None:
        if self.board is None:
            self._means.run_problems.learn(self.board_id, {})
            self._means.plan_problems.forget(self.board_id)
            self._means.generations.drop(self.board_id)
            await asyncio.to_thread(self._remove_files)
        else:
            await self.links.finish_unseen()

    async def _act(self, action: Action) -> None:
        match action:
            case Settle(state):
                self._move(state, "")
            case Start():
                await self._start()
            case Open():
                self._open()
            case Stop(reason):
                await self._stop(reason)
            case BackOff(until, crashes, reason):
                await self._back_off(until, crashes, reason)
            case Fail(crashes, reason):
                await self._fail(crashes, reason)

    async def _start(self) -> None:
        self._move(BoardState.STARTING, "starting")
        phase, reason = Phase.PENDING, "starting"
        try:
            sync = partial(self.links.sync, read=True)
            self._instance = await Instance.launch(self.board_id, self._means, sync)
        except LaunchError as error:
            phase, reason = Phase.GONE, str(error)
        except EngineUnreachableError as error:
            phase, reason = Phase.UNREACHABLE, str(error)
        except TbgatewayError as error:
            log.error("a launch cannot be recorded", board=self.board_id, reason=error.detail)  # noqa: TRY400 - the traceback would say nothing more
            phase, reason = Phase.UNREACHABLE, error.detail
        self._observed = replace(self._observed, phase=phase, since=self._now(), reason=reason)

    def _open(self) -> None:
        if self._instance is None or not isinstance(self._observation, Running):
            return
        self._instance.open(self._observation.endpoint)
        self.links.reopen()
        self._move(BoardState.RUNNING, "")

    async def _stop(self, reason: str) -> None:
        self._move(BoardState.STOPPING, reason)
        await self._clear(drain=True)
        board = self.board
        paused = board is not None and board.paused
        if paused:
            self.visits.wanted = False
        self._move(BoardState.PAUSED if paused else BoardState.SLEEPING, "")

    def _why_outgrown(self, instance: Instance) -> str | None:
        """Tell why this process will not take up a change that a new one will."""
        if self.links.stuck:
            return "it did not drop what was taken out"
        lost = instance.lost_roots  # hardly ever any
        for name in lost and lost & self.links.roots:
            return f"the logdir root {name!r} is another directory now"
        return None

    async def _back_off(self, until: float, crashes: int, reason: str) -> None:
        log.warning("board is tried again", board=self.board_id, reason=reason, crashes=crashes)
        await self._clear(drain=False)
        self._observed = replace(self._observed, crashes=crashes, retry_at=until)
        self._move(BoardState.RESTARTING, reason)

    async def _fail(self, crashes: int, reason: str) -> None:
        log.error("board failed", board=self.board_id, reason=reason, crashes=crashes)
        if self._instance is not None:
            self._log_tail = await self._instance.tail(_TAIL_LINES)
        await self._clear(drain=False)
        self._move(BoardState.FAILED, f"{reason} ({crashes} times in a row)")

    async def _clear(self, *, drain: bool) -> None:
        """End the instance; afterwards the phase is NONE and nothing is counted."""
        instance, self._instance = self._instance, None
        self.links.let_go()
        if instance is not None:
            await instance.end(drain=drain)
        self._observed = replace(self._observed, phase=Phase.NONE, crashes=0, retry_at=0.0)

    def _move(self, state: BoardState, reason: str) -> None:
        lifecycle.check_transition(self._observed.state, state)
        if state is not self._observed.state:
            log.info("board state", board=self.board_id, state=state.value, reason=reason)
        if state is not BoardState.FAILED:
            self._log_tail = ""
        self._observed = replace(self._observed, state=state, reason=reason)
        self._means.changed(self.board_id)

    def _remove_files(self) -> None:
        for directory in self._means.layout.everything(self.board_id):
            shutil.rmtree(directory, ignore_errors=True)
