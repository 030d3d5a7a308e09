"""The scalars of experiments, as far as they are known."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import attrgetter

import structlog

from tbgateway.domain.model import Experiment
from tbgateway.domain.names import ExperimentId
from tbgateway.domain.series import Digest, Series, main_series
from tbgateway.eventfiles import EventFile
from tbgateway.scalars.errands import Errand, Errands, mark_of
from tbgateway.scalars.memory import Known, Memory
from tbgateway.scalars.reader import Reader
from tbgateway.scalars.reader_process import ReaderLostError
from tbgateway.worker.scalar_messages import Answer, Turn

log = structlog.get_logger(__name__)

ListFiles = Callable[[Experiment], Awaitable[Sequence[EventFile] | None]]
"""Tells an experiment's event files; None where its logdir root does not answer."""

_IDLE = 60.0  # seconds
_MOST_IDLE = 60.0  # times as long
_MOST_WAITING = 2000
_SET_ASIDE = 600.0  # seconds; what the reader was lost over is not tried again before
_AWAY = 60.0  # seconds; the same for logdir roots that do not answer
_MOST_LOSSES = 2
_LEAST_PER_TURN = 65_536  # bytes; what is read in a turn even where everything is slow
_SPARE_TURNS = 100
_OLD = 60.0  # seconds; a reader that began earlier may not reach a root that was mounted since
_CUT_FOR = 60.0  # seconds; where there is no room for what is shown, it is not read all the time
_TRIED_FOR_A_BOARD = 3
_NOTHING = Digest()
_AGE = attrgetter("last_event_at", "id")


class Scalars:
    """Remembers digests, and has a process read what changed, in the background.

    `changed` is called with each experiment whose digest is another one now. Without anything to
    read the process is ended after `idle` seconds: for each second that it took to read what it
    knows, and would take again, but sixty times that at most.
    """

    def __init__(
        self,
        reader: Reader,
        list_files: ListFiles,
        changed: Callable[[ExperimentId], None],
        *,
        idle: float = _IDLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reader = reader
        self._list_files = list_files
        self._changed = changed
        self._idle = idle
        self._clock = clock
        self._memory = Memory()
        self._errands = Errands(_MOST_WAITING)

    def __repr__(self) -> str:
        """Tell how much is known and how much waits."""
        return f"<Scalars of {len(self._memory)}, {self.waiting} waiting, {self.reader!r}>"

    @property
    def waiting(self) -> int:
        """How many experiments are to be read."""
        return len(self._errands)

    def digest(self, experiment: Experiment) -> Digest | None:
        """Return what is known of an experiment at once; None if nothing was read yet.

        If its files changed since, they are read in the background.
        """
        return self._recall(experiment, whole=True)

    def main_series(self, experiments: Iterable[Experiment]) -> Series | None:
        """Return the foremost series of a board's experiments: of the one with the newest event.

        Where that has none, of the next one. None if there is none, or nobody knows yet.
        """
        left = [one for one in experiments if one.last_event_at is not None]
        for _ in range(min(_TRIED_FOR_A_BOARD, len(left))):
            newest = max(left, key=_AGE)
            digest = self._recall(newest, whole=False)
            if digest is None or digest.series or not digest.complete:
                return main_series((digest,))
            left.remove(newest)
        return None

    async def run(self) -> None:
        """Read what is asked for, until it is cancelled."""
        while True:
            errand = await self._next()
            again = False
            try:
                again = await self._take_turn(errand)
            except Exception:
                log.exception("an experiment's scalars were not read", id=errand.experiment.id)
                self._set_aside(errand, _SET_ASIDE)
            finally:
                self._errands.end(errand, again=again)

    async def close(self) -> None:
        """End the process that reads."""
        await self.reader.put_down()

    def _recall(self, experiment: Experiment, *, whole: bool) -> Digest | None:
        """Return what is known; `whole` has what was cut off for want of room read again."""
        if not experiment.bytes:
            return _NOTHING
        known = self._memory.recall(experiment.id)
        if known is None:
            self._errands.ask(experiment)
            return None
        stale = known.mark != mark_of(experiment) or (whole and self._misses_series(known))
        if stale and self._clock() >= known.not_before:
            self._errands.ask(experiment)
        return known.digest

    def _misses_series(self, known: Known) -> bool:
        """Whether what was cut off for want of room should be read again."""
        if not known.cut or self._clock() < known.not_whole_before:
            return False
        known.not_whole_before = self._clock() + _CUT_FOR
        return True

    @property
    def _worth(self) -> float:
        """How much longer than usual the process is kept, for what it took to read it all."""
        return min(max(1.0, self.reader.effort), _MOST_IDLE)

    async def _next(self) -> Errand:
        try:
            async with asyncio.timeout(self._idle * self._worth):
                return await self._errands.begin()
        except TimeoutError:
            await self.reader.put_down()
        return await self._errands.begin()

    async def _take_turn(self, errand: Errand) -> bool:
        """Have the reader read on; return whether there should be another turn."""
        if errand.turn is None:
            files = await self._list_files(errand.experiment)
            if files is None:
                return self._set_aside(errand, _AWAY)
            errand.turn = Turn(errand.experiment.id, tuple((one.run, one.path) for one in files))
        errand.turns += 1
        try:
            answer = await self.reader.ask(errand.turn)
        except ReaderLostError:
            errand.losses += 1
            await asyncio.sleep(self.reader.pause)
            return errand.losses < _MOST_LOSSES or self._set_aside(errand, _SET_ASIDE)
        if self._may_be_outdated(errand, answer):
            await self.close()
            return True
        return self._learn(errand, answer)

    def _may_be_outdated(self, errand: Errand, answer: Answer) -> bool:
        """Whether a new reader might open what this one could not.

        Once none could, the files are to blame: another one would be started in vain.
        """
        known = self._memory.of(errand.experiment.id)
        outdated = answer.denied and not known.denied and self.reader.age > _OLD * self._worth
        if answer.denied or answer.digest.complete:
            known.denied = answer.denied
        return outdated

    def _learn(self, errand: Errand, answer: Answer) -> bool:
        tell = self._memory.learn(errand.experiment.id, answer.digest)
        over = answer.digest.complete or errand.turns >= _most_turns(errand)
        if over:
            self._memory.of(errand.experiment.id).mark = errand.mark
        if tell:
            self._changed(errand.experiment.id)
        return not over

    def _set_aside(self, errand: Errand, seconds: float) -> bool:
        self._memory.of(errand.experiment.id).not_before = self._clock() + seconds
        return False


def _most_turns(errand: Errand) -> int:
    """Return how many turns it may take: files that are replaced all the time never end."""
    files = 0 if errand.turn is None else len(errand.turn.files)
    return _SPARE_TURNS + files + errand.experiment.bytes // _LEAST_PER_TURN
