from collections.abc import Callable
from dataclasses import replace

import pytest

from tbgateway.domain.model import SAME_VISIT, Board, Visit, VisitorKind
from tbgateway.domain.names import BoardId
from tbgateway.store.memory import Change, Memory
from tbgateway.store.visit_log import VisitLog

Make = Callable[..., Board]
BOARD = BoardId("tb0000000001")
ADA = (VisitorKind.MEMBER, "ada")


@pytest.fixture
def memory(board: Make) -> Memory:
    memory = Memory()
    memory.boards.put(board())
    return memory


def visit(last_at: float, visits: int, first_at: float = 100.0) -> Visit:
    kind, visitor = ADA
    return Visit(
        board_id=BOARD,
        kind=kind,
        visitor=visitor,
        first_at=first_at,
        last_at=last_at,
        visits=visits,
    )


def seen(memory: Memory) -> tuple[Visit, ...]:
    return tuple(memory.visits.rows.values())


def test_looks_shortly_after_each_other_are_one_visit(memory: Memory) -> None:
    log = VisitLog(memory)

    for when in (100.0, 100.0 + SAME_VISIT, 100.0 + 2 * SAME_VISIT):
        log.look(BOARD, *ADA, when)
    assert seen(memory) == (visit(100.0 + 2 * SAME_VISIT, visits=1),)

    log.look(BOARD, *ADA, 101.0 + 3 * SAME_VISIT)
    assert seen(memory) == (visit(101.0 + 3 * SAME_VISIT, visits=2),)


def test_a_clock_that_is_set_back_takes_nothing_back(memory: Memory) -> None:
    log = VisitLog(memory)
    log.look(BOARD, *ADA, 100.0)
    log.look(BOARD, *ADA, 50.0)
    assert seen(memory) == (visit(100.0, visits=1),)


def test_visitors_of_one_name_are_told_apart(memory: Memory) -> None:
    log = VisitLog(memory)
    log.look(BOARD, *ADA, 100.0)
    log.look(BOARD, VisitorKind.PASSWORD, "ada", 100.0)
    log.look(BOARD, VisitorKind.ANYONE, "", 100.0)
    assert len(seen(memory)) == 3


def test_what_is_taken_is_written_once_or_put_back(memory: Memory, board: Make) -> None:
    log = VisitLog(memory)
    log.touch(BOARD, 100.0)
    log.look(BOARD, *ADA, 100.0)

    taken = log.take()
    expected = [
        Change(board(last_visited_at=100.0), keep=True),
        Change(visit(100.0, visits=1), keep=True),
    ]
    assert log.changes(taken) == expected
    assert log.changes(log.take()) == []

    log.put_back(taken)
    assert log.changes(log.take()) == expected


def test_a_board_that_is_not_there_has_no_visits(memory: Memory) -> None:
    log = VisitLog(memory)
    log.touch(BoardId("tbffffffffff"), 100.0)
    log.look(BoardId("tbffffffffff"), *ADA, 100.0)
    assert (seen(memory), log.changes(log.take())) == ((), [])


def test_a_visit_while_the_board_is_deleted_is_not_written(memory: Memory) -> None:
    log = VisitLog(memory)
    log.look(BOARD, *ADA, 100.0)
    memory.boards.discard(BOARD)

    assert log.changes(log.take()) == []
    assert seen(memory) == ()


def test_what_was_read_before_a_visit_does_not_take_it_back(memory: Memory, board: Make) -> None:
    log = VisitLog(memory)
    log.touch(BOARD, 100.0)
    log.look(BOARD, *ADA, 100.0)
    stale = [Change(board(paused=True), keep=True), Change(visit(50.0, visits=1), keep=True)]
    gone = [Change(visit(50.0, visits=1), keep=False)]

    assert list(log.with_newest([*stale, *gone])) == [
        Change(replace(board(), paused=True, last_visited_at=100.0), keep=True),
        Change(visit(100.0, visits=1), keep=True),
        *gone,
    ]
