"""Looks after processes that exist and do not answer."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from tbgateway.domain.names import LaunchId
from tbgateway.launchers.launcher import Lost, Observation, Running
from tbgateway.supervisor.health import Health, Patience
from tbgateway.upstream import Upstream

log = structlog.get_logger(__name__)

_QUESTION = "/data/environment"
"""Needs no lock of any loader, and goes through the data server where there is one: both answer."""


@dataclass(slots=True)
class _Patient:
    upstream: Upstream
    patience: Patience
    health: Health = field(default_factory=Health)
    asking: bool = False
    verdict: str = ""


class HealthWatch:
    """Asks the processes that leave a request without an answer whether they live.

    `opened` returns those that take requests; `hint` is told when there is news of one.
    """

    def __init__(
        self,
        opened: Callable[[], Mapping[LaunchId, Upstream]],
        hint: Callable[[LaunchId], None],
        patience: Patience,
        clock: Callable[[], float],
    ) -> None:
        self._opened = opened
        self._hint = hint
        self._patience = patience
        self._clock = clock
        self._patients: dict[LaunchId, _Patient] = {}
        self._loading: set[LaunchId] = set()

    def told(self, launch: LaunchId, seen: Observation | None) -> Observation | None:
        """Return what the launcher sees of a launch, with what is known of its health."""
        if not isinstance(seen, Running):
            return seen
        if seen.loads_itself:
            self._loading.add(launch)
        patient = self._patients.get(launch)
        if patient is None:
            return seen
        if patient.verdict:
            return Lost(patient.verdict)
        if patient.health.unanswered:
            return replace(seen, notes=(*seen.notes, "it does not answer; it is watched"))
        return seen

    async def run(self) -> None:
        """Look from time to time, until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await asyncio.sleep(self._patience.every)
                for launch, patient in self._suspects().items():
                    patient.asking = True
                    group.create_task(self._ask(launch, patient))

    def _suspects(self) -> dict[LaunchId, _Patient]:
        """Return those to be asked now; forget those that are over."""
        opened = self._opened()
        known = self._patients
        self._patients = {launch: it for launch, it in known.items() if launch in opened}
        self._loading &= opened.keys()
        for launch, upstream in opened.items():
            if launch not in known and upstream.silence >= self._patience.silence:
                self._patients[launch] = _Patient(upstream, self._patience_with(launch))
        return {launch: it for launch, it in self._patients.items() if self._is_suspect(it)}

    def _patience_with(self, launch: LaunchId) -> Patience:
        loads = launch in self._loading
        return self._patience.for_one_that_loads() if loads else self._patience

    def _is_suspect(self, it: _Patient) -> bool:
        now, silence = self._clock(), it.upstream.silence
        return not it.asking and it.health.is_to_be_asked(silence, now, it.patience)

    async def _ask(self, launch: LaunchId, it: _Patient) -> None:
        since = self._clock() - it.upstream.silence
        answered = await it.upstream.answers_to(_QUESTION, within=it.patience.answer)
        it.asking = False
        if answered is None:
            log.warning("board cannot be asked", launch=launch, reason="the gateway is short")
        elif self._patients.get(launch) is it and launch in self._opened():
            self._note(launch, it, since, answered=answered)

    def _note(self, launch: LaunchId, it: _Patient, since: float, *, answered: bool) -> None:
        before = it.health
        if answered:
            it.upstream.answers = True
            it.health = before.after_answer(self._clock(), it.patience)
            if before.unanswered:
                log.info("board answers again", launch=launch)
        else:
            it.health = before.after_silence(since)
            self._miss(launch, it)
        if it.health.unanswered or before.unanswered:
            self._hint(launch)

    def _miss(self, launch: LaunchId, it: _Patient) -> None:
        """Draw the consequences of a question that was not answered."""
        seconds = round(self._clock() - it.health.silent_since)
        log.warning("board does not answer", launch=launch, seconds=seconds)
        if it.health.is_in_doubt(it.patience):
            it.upstream.answers = False
            it.upstream.give_up(it.patience.silence)
        if it.health.is_hung(it.patience):
            it.verdict = f"it did not answer for {seconds} s"
