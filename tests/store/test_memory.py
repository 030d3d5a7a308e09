import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbgateway.domain.model import Board, Membership, ReservedName
from tbgateway.domain.names import BoardId, ExperimentId
from tbgateway.store.memory import Change, Memory

MEMBERSHIPS = st.builds(
    Membership,
    board_id=st.sampled_from([BoardId("b1"), BoardId("b2")]),
    experiment_id=st.sampled_from([ExperimentId("e1"), ExperimentId("e2"), ExperimentId("e3")]),
    added_at=st.floats(0, 9),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.builds(Change, record=MEMBERSHIPS, keep=st.booleans())))
def test_indices_say_what_a_search_would(changes: list[Change]) -> None:
    memory = Memory()
    memory.apply(changes)

    rows = list(memory.memberships.rows.values())
    for index in ("board_id", "experiment_id"):
        for value in ("b1", "b2", "e1", "e2", "e3"):
            found = memory.memberships.group(index, value)
            expected = [row for row in rows if getattr(row, index) == value]
            assert sorted(found, key=repr) == sorted(expected, key=repr)


def test_a_renamed_board_is_found_by_its_new_name_only(board: Callable[..., Board]) -> None:
    memory = Memory()
    memory.boards.put(board(name="old"))
    memory.boards.put(board(name="new"))

    assert memory.boards.group("name", "old") == ()
    assert memory.boards.group("name", "new") == (board(name="new"),)


def test_rows_cannot_be_changed_from_outside(board: Callable[..., Board]) -> None:
    memory = Memory()
    rows: Any = memory.boards.rows

    with pytest.raises(TypeError):
        rows[board().id] = board()


Question = Callable[[Memory], object]


def steps(question: Question, memory: Memory) -> int:
    """Return how many calls it takes to answer."""
    count = 0

    def see(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(see)
    try:
        question(memory)
    finally:
        sys.setprofile(None)
    return count


@pytest.fixture(scope="module")
def few() -> Memory:
    return filled(10)


@pytest.fixture(scope="module")
def many() -> Memory:
    return filled(10_000)


def filled(size: int) -> Memory:
    memory = Memory()
    for number in range(size):
        board, experiment = BoardId(f"b{number}"), ExperimentId(f"e{number}")
        memory.memberships.put(Membership(board_id=board, experiment_id=experiment, added_at=0.0))
        memory.reserved_names.put(ReservedName(name=f"n{number}", board_id=board))
    return memory


@pytest.mark.parametrize(
    "question",
    [
        lambda memory: memory.memberships.group("board_id", "b7"),
        lambda memory: memory.memberships.group("experiment_id", "e7"),
        lambda memory: memory.reserved_names.group("board_id", "b7"),
        lambda memory: memory.reserved_names.put(ReservedName(name="n7", board_id=BoardId("b7"))),
    ],
)
def test_an_answer_costs_the_same_among_ten_as_among_ten_thousand(
    question: Question, few: Memory, many: Memory
) -> None:
    assert question(few) == question(many)
    assert steps(question, few) == steps(question, many)
