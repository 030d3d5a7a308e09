"""What boards take by their last weighing, and what their next start is likely to take."""

import pytest

from tbgateway.domain.memory import MemoryLimits
from tbgateway.domain.names import BoardId, LaunchId
from tbgateway.supervisor.weights import Weights
from tbgateway.telemetry.resources import Sample

MIB = 1024**2
A, B = BoardId("tb0000000001"), BoardId("tb0000000002")
FIRST_A, FIRST_B = LaunchId(f"{A}.1"), LaunchId(f"{B}.1")
TYPICAL = 32 * MIB


@pytest.fixture
def weights() -> Weights:
    return Weights(lambda: MemoryLimits(budget=1000 * MIB, board=500 * MIB))


def weigh(weights: Weights, **mebibytes: int) -> None:
    boards = {"a": A, "b": B}
    used = {boards[name]: Sample(0.0, 0.0, size * MIB) for name, size in mebibytes.items()}
    assert weights.learn(used, {one: LaunchId(f"{one}.1") for one in used}) == []


def test_a_board_never_seen_is_taken_for_a_typical_one(weights: Weights) -> None:
    assert (weights.of(A, FIRST_A), weights.at_start(A)) == (TYPICAL, TYPICAL)


def test_a_board_that_gave_its_data_back_takes_little_now_and_much_when_it_starts(
    weights: Weights,
) -> None:
    weigh(weights, a=300, b=20)
    weigh(weights, a=25, b=20)
    assert (weights.of(A, FIRST_A), weights.at_start(A)) == (25 * MIB, 300 * MIB)
    assert (weights.of(B, FIRST_B), weights.at_start(B)) == (20 * MIB, 20 * MIB)


def test_a_board_that_starts_is_not_taken_for_what_its_last_process_had_left(
    weights: Weights,
) -> None:
    weigh(weights, a=300)
    weigh(weights, a=25)
    assert weights.of(A, LaunchId(f"{A}.2")) == 300 * MIB  # it woke between two weighings
    assert weights.of(A, None) == 300 * MIB
    weigh(weights)  # it slept
    assert weights.of(A, FIRST_A) == 300 * MIB


def test_what_a_board_took_long_ago_is_forgotten(weights: Weights) -> None:
    weigh(weights, a=300)
    for size in (20, 40, *[30] * 7):
        weigh(weights, a=size)
    assert weights.at_start(A) == 40 * MIB
    weigh(weights, a=30)
    assert weights.at_start(A) == 30 * MIB


def test_a_deleted_board_is_forgotten(weights: Weights) -> None:
    weigh(weights, a=300, b=200)
    weights.keep_only({B})
    weigh(weights, b=200)
    assert (weights.at_start(A), weights.at_start(B)) == (TYPICAL, 200 * MIB)
