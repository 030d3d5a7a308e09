import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from tbgateway.domain.lifecycle import BoardState
from tbgateway.domain.names import BoardId
from tbgateway.telemetry.metrics import BoardMetrics, HousekeepingMetrics

BOARD = BoardId("tb0000000001")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def value(collector: Collector, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(collector)
    return registry.get_sample_value(name, labels)


def test_a_board_that_becomes_ready_is_timed_from_its_start() -> None:
    clock = Clock()
    boards = BoardMetrics(clock)
    for state in (BoardState.SLEEPING, BoardState.STARTING, BoardState.STARTING):
        boards.saw(BOARD, state)
    clock.now += 3.0
    boards.saw(BOARD, BoardState.RUNNING)
    assert value(boards, "tbgateway_board_starts_total") == 1
    assert value(boards, "tbgateway_board_start_seconds_sum") == 3.0


def test_boards_that_fall_are_counted() -> None:
    boards = BoardMetrics()
    for state in ("starting", "restarting", "starting", "running", "restarting", "failed"):
        boards.saw(BOARD, BoardState(state))
    assert value(boards, "tbgateway_board_starts_total") == 2
    assert value(boards, "tbgateway_board_restarts_total") == 2
    assert value(boards, "tbgateway_board_failures_total") == 1
    assert value(boards, "tbgateway_board_start_seconds_count") == 1


def test_nothing_is_remembered_of_sleeping_boards() -> None:
    boards = BoardMetrics()
    for state in (BoardState.STARTING, BoardState.RUNNING, BoardState.STOPPING):
        boards.saw(BOARD, state)
    boards.saw(BOARD, BoardState.SLEEPING)
    assert boards._known == {}


async def test_only_waits_for_boards_that_sleep_are_counted() -> None:
    clock = Clock()
    boards = BoardMetrics(clock)

    async def wake(seconds: float) -> float:
        clock.now += seconds
        return seconds

    timed = boards.timing_wakes(wake)
    assert [await timed(0.0), await timed(2.0)] == [0.0, 2.0]
    assert value(boards, "tbgateway_wake_wait_seconds_count") == 1
    assert value(boards, "tbgateway_wake_wait_seconds_sum") == 2.0


async def test_a_failed_rescan_is_counted_but_is_no_success() -> None:
    clock, failing = Clock(), True

    async def rescan() -> None:
        if failing:
            raise OSError

    housekeeping = HousekeepingMetrics(clock)
    timed = housekeeping.timing_rescans(rescan)
    with pytest.raises(OSError):  # noqa: PT011 - the one raised above
        await timed()
    name = "tbgateway_rescan_last_success_timestamp_seconds"
    assert value(housekeeping, name) == 0.0
    failing = False
    await timed()
    assert value(housekeeping, name) == 100.0
    assert value(housekeeping, "tbgateway_rescan_duration_seconds_count") == 2
