"""What each board used in the last hour: CPU and memory of its process and of all below it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from tbgateway.domain.names import BoardId
from tbgateway.telemetry.board_usage import BoardUsage, cores_since_birth
from tbgateway.telemetry.process_table import ProcessTable, proportional

INTERVAL = 15.0
"""Seconds between two samples."""
LOOK_INTERVAL = 2.0
"""Seconds between two looks at memory only."""
LONGEST_KEPT = 3600.0
"""Seconds for which a sample is kept."""
_MOST_KEPT = int(LONGEST_KEPT / INTERVAL)
_EXACT_TIME = 0.1  # seconds of CPU that may go into exact memory each time: it is dear
_EXACT_AGE = 60.0  # seconds after which a board's memory is measured exactly again

Heads = Callable[[], Mapping[BoardId, Collection[int]]]
"""Tells the first process of each board that runs; a board may have two for a moment."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a board used until `at` (Unix seconds): `cpu` in cores, `memory` in bytes."""

    at: float
    cpu: float
    memory: int


class Resources:
    """Keeps the samples of the last hour. A board that sleeps costs nothing and has none."""

    def __init__(
        self,
        heads: Heads,
        *,
        clock: Callable[[], float] = time.time,
        memory: Callable[[int], int] = proportional,
    ) -> None:
        """`memory` tells a process's (PSS) in bytes, or raises OSError; it may block."""
        self._heads = heads
        self._new_usage = partial(BoardUsage, memory)
        self._clock = clock
        self._samples: dict[BoardId, deque[Sample]] = {}
        self._usages: dict[BoardId, BoardUsage] = {}
        self._young: dict[BoardId, BoardUsage] = {}  # not sampled yet
        self._turn = asyncio.Lock()  # a usage is for one thread at a time

    def __repr__(self) -> str:
        """Tell of how many boards something is known."""
        return f"<Resources of {len(self._samples)} boards, {len(self._usages)} awake>"

    def of(self, board_id: BoardId) -> tuple[Sample, ...]:
        """Return the board's samples of the last hour, the oldest first."""
        oldest = self._clock() - LONGEST_KEPT
        return tuple(one for one in self._samples.get(board_id, ()) if one.at >= oldest)

    def now(self, board_id: BoardId) -> Sample | None:
        """Return the newest sample of a board that runs; None for any other."""
        samples = self._samples.get(board_id)
        return samples[-1] if samples and board_id in self._usages else None

    async def sample(self) -> None:
        """Measure every board that runs; to be called every INTERVAL."""
        heads = self._heads()
        known = {**self._young, **self._usages}
        self._usages = {board_id: known.get(board_id) or self._new_usage() for board_id in heads}
        if heads:
            async with self._turn:
                measured = await asyncio.to_thread(_measure, heads, self._usages)
            self._keep(measured)
        self._forget_old()

    async def look(self, near: int) -> dict[BoardId, Sample]:
        """Return what every board uses now: memory exactly, where it is `near` bytes or more.

        To be called every LOOK_INTERVAL. What is not so near follows the last exact measurement,
        and CPU is that of the last sample.
        """
        heads = self._heads()
        if not heads:
            return {}
        known = {**self._young, **self._usages}
        usages = {one: known.get(one) or self._new_usage() for one in heads}
        self._young = {one: usage for one, usage in usages.items() if one not in self._usages}
        async with self._turn:
            looked = await asyncio.to_thread(_look, heads, usages, near)
        now = self._clock()
        return {one: Sample(now, self._cpu(one, used[0]), used[1]) for one, used in looked.items()}

    def _cpu(self, board_id: BoardId, since_birth: float) -> float:
        sampled = self.now(board_id)
        return since_birth if sampled is None else sampled.cpu

    def _keep(self, measured: Mapping[BoardId, tuple[float, int]]) -> None:
        now = self._clock()
        for board_id, (cpu, memory) in measured.items():
            samples = self._samples.setdefault(board_id, deque(maxlen=_MOST_KEPT))
            samples.append(Sample(now, cpu, memory))

    def _forget_old(self) -> None:
        oldest = self._clock() - LONGEST_KEPT
        for board_id in [one for one, kept in self._samples.items() if kept[-1].at < oldest]:
            del self._samples[board_id]


def _look(
    heads: Mapping[BoardId, Collection[int]], usages: Mapping[BoardId, BoardUsage], near: int
) -> dict[BoardId, tuple[float, int]]:
    """Look in a thread; a board that was never measured exactly is, as far as time allows."""
    table, now = ProcessTable.read(), time.clock_gettime(time.CLOCK_BOOTTIME)
    until = time.thread_time() + _EXACT_TIME
    found = {}
    for board_id, pids in heads.items():
        family, usage = table.families(pids), usages[board_id]
        if not family:
            continue
        new = usage.exact_at < 0 and time.thread_time() < until
        memory = usage.memory(family, now, exactly=new)
        exactly = memory >= near and usage.exact_at != now
        if exactly:
            memory = usage.memory(family, now, exactly=True)
        found[board_id] = cores_since_birth(family, now), memory
    return found


def _measure(
    heads: Mapping[BoardId, Collection[int]], usages: Mapping[BoardId, BoardUsage]
) -> dict[BoardId, tuple[float, int]]:
    """Measure in a thread; those whose exact memory is oldest, or unknown, go first."""
    table, now = ProcessTable.read(), time.clock_gettime(time.CLOCK_BOOTTIME)
    until = time.thread_time() + _EXACT_TIME
    found = {}
    for board_id in sorted(heads, key=lambda one: usages[one].exact_at):
        family = table.families(heads[board_id])
        if family:
            usage = usages[board_id]
            exactly = now - usage.exact_at >= _EXACT_AGE and time.thread_time() < until
            found[board_id] = usage.measure(family, now, exactly=exactly)
    return found
