"""What the gateway's processes use: its own, forkserver, boards, and what reads scalars."""

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import psutil
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tbgateway.telemetry.process_table import proportional, with_descendants

log = structlog.get_logger(__name__)

_PSS_AGE = 15.0  # seconds; the kernel walks all pages of a process to tell it
_PATIENCE = 2.0  # seconds a scrape waits for the figures before it takes the last ones


class ProcessRole(StrEnum):
    """What a process is for."""

    GATEWAY = "gateway"
    FORKSERVER = "forkserver"
    BOARDS = "boards"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Family:
    """Which processes there are: those of the boards, and the roots that these descend from.

    `readers` read scalars.
    """

    boards: frozenset[int]
    roots: frozenset[int]
    readers: frozenset[int] = frozenset()


@dataclass(slots=True)
class Usage:
    """What processes use, by role; CPU in seconds since each began, memory in bytes."""

    count: Counter[str] = field(default_factory=Counter)
    resident: Counter[str] = field(default_factory=Counter)
    proportional: Counter[str] = field(default_factory=Counter)


class ProcessMetrics(Collector):
    """Measures in a thread, when it is asked to; what is told is what was last measured."""

    def __init__(
        self, family: Callable[[], Family], memory: Callable[[int], int] = proportional
    ) -> None:
        """`memory` tells that of another user's process (PSS, in bytes), or raises OSError."""
        self._family = family
        self._memory = memory
        self._usage = Usage()
        self._cpu: dict[str, float] = defaultdict(float)
        self._cpu_of: dict[tuple[int, float], float] = {}  # by pid and time of birth
        self._pss_at = float("-inf")
        self._measuring: asyncio.Future[None] | None = None

    async def refresh(self) -> None:
        """Measure anew, and wait for it; not for long, and not for /proc to hang twice."""
        if self._measuring is None or self._measuring.done():
            loop = asyncio.get_running_loop()
            self._measuring = loop.run_in_executor(None, self._measure, self._family())
        await asyncio.wait({self._measuring}, timeout=_PATIENCE)
        if self._measuring.done() and (error := self._measuring.exception()):
            log.warning("the processes could not be measured", reason=str(error))

    def collect(self) -> Iterator[Metric]:
        """Return what was last measured."""
        usage = self._usage
        yield _gauge("tbgateway_processes", "Processes that run.", usage.count)
        yield _gauge(
            "tbgateway_process_resident_memory_bytes",
            "Memory of these processes, with what they share counted once for each.",
            usage.resident,
        )
        yield _gauge(
            "tbgateway_process_proportional_memory_bytes",
            "Memory of these processes, with what they share divided among them (PSS).",
            usage.proportional,
        )
        cpu = CounterMetricFamily(
            "tbgateway_process_cpu_seconds",
            "CPU time these processes used, those that have ended included.",
            labels=("role",),
        )
        for role, seconds in self._cpu.items():
            cpu.add_metric((role,), seconds)
        yield cpu

    def _measure(self, family: Family) -> None:
        with_pss = time.monotonic() - self._pss_at >= _PSS_AGE
        usage = Usage()
        living: dict[tuple[int, float], float] = {}
        for process, role in _processes(family):
            try:
                with process.oneshot():
                    self._measure_one(process, role, usage, living, with_pss=with_pss)
            except psutil.Error:  # it has ended, or is somebody else's
                continue
        if with_pss:
            self._pss_at = time.monotonic()
        else:
            usage.proportional = self._usage.proportional
        self._usage, self._cpu_of = usage, living

    def _measure_one(
        self,
        process: psutil.Process,
        role: ProcessRole,
        usage: Usage,
        living: dict[tuple[int, float], float],
        *,
        with_pss: bool,
    ) -> None:
        times = process.cpu_times()
        usage.count[role] += 1
        usage.resident[role] += process.memory_info().rss
        key, cpu = (process.pid, process.create_time()), times.user + times.system
        self._cpu[role] += max(0.0, cpu - self._cpu_of.get(key, 0.0))
        living[key] = cpu
        if with_pss:
            usage.proportional[role] += self._proportional(process)

    def _proportional(self, process: psutil.Process) -> int:
        try:
            memory: int = process.memory_full_info().pss
        except psutil.AccessDenied:
            try:
                return self._memory(process.pid)
            except OSError:
                return 0
        return memory


def _processes(family: Family) -> Iterator[tuple[psutil.Process, ProcessRole]]:
    """Yield the gateway's own process, forkserver, reader, the boards and their descendants."""
    everybody = {process.pid: process for process in psutil.process_iter(["ppid"])}
    children = defaultdict(list)
    for pid, process in everybody.items():
        children[process.info["ppid"]].append(pid)
    boards = frozenset(with_descendants(family.boards, children))
    roles = dict.fromkeys(family.roots, ProcessRole.FORKSERVER)
    roles |= dict.fromkeys(boards, ProcessRole.BOARDS)
    roles |= dict.fromkeys(family.readers, ProcessRole.READER)
    roles[os.getpid()] = ProcessRole.GATEWAY
    for pid, role in roles.items():
        if pid in everybody:
            yield everybody[pid], role


def _gauge(name: str, meaning: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=("role",))
    for role, value in values.items():
        family.add_metric((role,), value)
    return family
