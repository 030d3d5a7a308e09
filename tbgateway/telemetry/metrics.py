"""What is counted and measured while the gateway works, for Prometheus. See docs/metrics.md."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import ParamSpec, TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId
from tbgateway.telemetry.instruments import Counts, Durations
from tbgateway.telemetry.request_metrics import RequestMetrics

P = ParamSpec("P")
T = TypeVar("T")
_NO_WAIT = 0.001
"""Seconds below which a board was awake already."""


class BoardMetrics(Collector):
    """How boards start and fall; to be told whenever a board's state may be another."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[BoardId, tuple[BoardState, float]] = {}
        self._starts = Counts("tbgateway_board_starts", "Board processes that were started.")
        self._restarts = Counts(
            "tbgateway_board_restarts", "Board processes that were lost and are to be tried again."
        )
        self._failures = Counts(
            "tbgateway_board_failures", "Boards that were given up after losing their process."
        )
        self._readiness = Durations(
            "tbgateway_board_start_seconds", "From starting a board process until it was ready."
        )
        self._waking = Durations(
            "tbgateway_wake_wait_seconds", "How long requests waited for a board to wake."
        )
        self._ready, self._wait = self._readiness.of(), self._waking.of()

    def saw(self, board_id: BoardId, state: BoardState) -> None:
        """Count it if the state is another than before."""
        before, since = self._known.get(board_id, (BoardState.SLEEPING, 0.0))
        if before is state:
            return
        self._known[board_id] = (state, self._clock())
        match state:
            case BoardState.STARTING:
                self._starts.add()
            case BoardState.RUNNING if before is BoardState.STARTING:
                self._ready.add(self._clock() - since)
            case BoardState.RESTARTING:
                self._restarts.add()
            case BoardState.FAILED:
                self._failures.add()
            case BoardState.SLEEPING | BoardState.PAUSED:
                del self._known[board_id]

    def timing_wakes(self, wake: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
        """Return the same function, whose waits are counted."""

        async def timed(*args: P.args, **options: P.kwargs) -> T:
            began = self._clock()
            try:
                return await wake(*args, **options)
            finally:
                waited = self._clock() - began
                if waited > _NO_WAIT:
                    self._wait.add(waited)

        return timed

    def collect(self) -> Iterable[Metric]:
        """Return all figures."""
        counts = (self._starts, self._restarts, self._failures)
        return [each.family() for each in (*counts, self._readiness, self._waking)]


class HousekeepingMetrics(Collector):
    """How the gateway itself does."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._rescans = Durations(
            "tbgateway_rescan_duration_seconds", "How long looking through the logdirs took."
        )
        self._lags = Durations(
            "tbgateway_event_loop_lag_seconds", "How late the event loop ran what was due."
        )
        self._rescan, self.lag = self._rescans.of(), self._lags.of()
        self._rescanned_at = 0.0

    def timing_rescans(
        self, rescan: Callable[[], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        """Return the same function, whose runs are counted."""

        async def rescanning() -> None:
            with self._rescan.timed():
                await rescan()
            self._rescanned_at = self._clock()

        return rescanning

    def collect(self) -> Iterable[Metric]:
        """Return all figures."""
        yield self._rescans.family()
        yield self._lags.family()
        yield GaugeMetricFamily(
            "tbgateway_rescan_last_success_timestamp_seconds",
            "When the logdirs were last looked through; 0 if never.",
            self._rescanned_at,
        )


class Metrics(Collector):
    """Everything that is counted while it happens."""

    def __init__(self) -> None:
        self.requests = RequestMetrics()
        self.boards = BoardMetrics()
        self.housekeeping = HousekeepingMetrics()

    def collect(self) -> Iterable[Metric]:
        """Return all figures."""
        for part in (self.requests, self.boards, self.housekeeping):
            yield from part.collect()
