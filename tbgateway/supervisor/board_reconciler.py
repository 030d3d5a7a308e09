"""One board: observe → decide → act. What to do is decided in `domain.lifecycle`, never here."""

from dataclasses import replace
from functools import partial

import structlog

from tbgateway.domain import lifecycle
from tbgateway.domain.lifecycle import (
    Action,
    BoardState,
    Observed,
    Phase,
    Queue,
    Rest,
    Start,
    Wanted,
)
from tbgateway.domain.model import Board
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.launchers.launcher import Observation, Running
from tbgateway.supervisor.announcing import announcement
from tbgateway.supervisor.attempt import attempt
from tbgateway.supervisor.board_links import BoardLinks
from tbgateway.supervisor.deletion import forget
from tbgateway.supervisor.instance import Instance
from tbgateway.supervisor.means import Means
from tbgateway.supervisor.outgrown import why_outgrown
from tbgateway.supervisor.phases import phase_of
from tbgateway.supervisor.places import Places
from tbgateway.supervisor.status import BoardStatus, told_state
from tbgateway.supervisor.visits import Visits
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_TAIL_LINES = 20
_ON_THE_WAY = frozenset({BoardState.STARTING, BoardState.RESTARTING})
_LONGEST_QUEUE = 30.0  # seconds after the last request for which a board waits for room


class BoardReconciler:
    """Knows what one board is doing and brings it nearer to what is wanted, a step at a time.

    `lacks` is what there is no room in, while it waits for some; `shortage` what the machine had
    too little of at the last start, as long as the next one has not succeeded.
    """

    _instance: Instance | None = None

    def __init__(self, board_id: BoardId, means: Means, places: Places) -> None:
        self.board_id = board_id
        self.visits = Visits(means.clock())
        self.links = BoardLinks(board_id, means)
        self._means, self._places = means, places
        self.lacks = self.shortage = self._reading = ""
        self._observed = Observed()
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
    def is_answerable(self) -> bool:
        """Whether requests need not wait: they can go to it, or be told what it is short of."""
        return self.upstream is not None or self.shortage != ""

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
            reason=self._told_reason(state),
            log_tail=self._log_tail,
            generation=board.generation if board else 0,
            visible=self.links.visible,
            problems=self.links.problems,
            flawed=self.links.flawed,
            notes=seen.notes if isinstance(seen, Running) else (),
            lacks_room=bool(self.lacks or self.shortage),
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
        self.lacks = action.reason if isinstance(action, Queue) else ""
        if isinstance(action, Rest):
            return await self._rest(action)
        if isinstance(action, Queue):
            self._places.make_room(self.board_id)
            return action.until - self._now()
        await self._act(action)
        return 0.0

    async def end(self) -> None:
        """End the process, because the gateway stops."""
        if self._instance is not None:
            await self._stop("the gateway stops")

    # --- observing

    def _told_state(self, board: Board | None) -> BoardState:
        return told_state(self._observed.state, board)

    def _told_reason(self, state: BoardState) -> str:
        if self.lacks:
            return f"it waits for room: {self.lacks}"
        return self._observed.reason if state is self._observed.state else ""

    def _now(self) -> float:
        return self._means.clock()

    def _decide(self) -> Action:
        return lifecycle.decide(self._wanted(), self._observed, self._now(), self._means.limits)

    def _wanted(self) -> Wanted:
        board = self.board
        if board is None:
            return Wanted(deleted=True)
        wanted = Wanted(visited=self.visits.wanted, paused=board.paused, yields=self.visits.yielded)
        if wanted.up and self._instance is None:
            return replace(wanted, lacks=self._places.lacks(self.board_id))
        return wanted

    def _observe(self, observation: Observation | None) -> None:
        self._observation = observation
        launched = self._instance is not None
        phase, reason = phase_of(observation, launched=launched, before=self._observed.phase)
        if phase is not self._observed.phase:
            over = phase in {Phase.GONE, Phase.SPENT}
            since = self._observed.since if over else self._now()
            self._observed = replace(self._observed, phase=phase, since=since)
        if reason and phase is Phase.PENDING and self._reading:
            reason = f"{self._reading} ({reason})"
        self._observed = replace(self._observed, reason=reason or self._observed.reason)
        if launched and isinstance(observation, Running):
            self.links.heed(observation.problems)

    def _idle_at(self) -> float | None:
        after = self._means.idle_timeout(self.board_id)
        return self.visits.idle_at(self.upstream, after, self._now())

    def _tire_of_idling(self) -> None:
        now, idle_at = self._now(), self._idle_at()
        gave_up = self.lacks and now - self.visits.last_request >= _LONGEST_QUEUE
        if gave_up or (idle_at is not None and now >= idle_at):
            self.visits.wanted = False

    # --- acting

    async def _rest(self, action: Rest) -> float | None:
        """Nothing to decide: follow what TensorBoard shows, and clear up after a deletion."""
        again = None
        if self._instance is not None and self._instance.upstream is not None:
            again = await self.links.follow(self._instance.upstream)
            reason = why_outgrown(self._instance, self.links)
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
            await forget(self.board_id, self._means)
        else:
            await self.links.finish_unseen()

    async def _act(self, action: Action) -> None:
        match action:
            case lifecycle.Settle(state):
                self._move(state, "")
            case Start():
                await self._start()
            case lifecycle.Open():
                self._open()
            case lifecycle.Stop(reason):
                await self._stop(reason)
            case lifecycle.BackOff(until, crashes, reason):
                await self._back_off(until, crashes, reason)
            case lifecycle.Fail(crashes, reason):
                await self._fail(crashes, reason)

    async def _start(self) -> None:
        self._reading = announcement(self._means.store, self.board_id)
        doing = self._reading or "starting"
        self._move(BoardState.STARTING, doing)
        sync = partial(self.links.sync, read=True)
        made = await attempt(self.board_id, self._means, sync)
        self._instance, self.shortage = made.instance, made.shortage
        self._observed = replace(
            self._observed, phase=made.phase, since=self._now(), reason=made.reason or doing
        )

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
        again = f" ({crashes} times in a row)" if crashes > 1 else ""
        self._move(BoardState.FAILED, f"{reason}{again}")

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
        if state not in _ON_THE_WAY:
            self.shortage = ""
        self._observed = replace(self._observed, state=state, reason=reason)
        self._means.changed(self.board_id)
