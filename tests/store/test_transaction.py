from collections.abc import Callable

import pytest

from tbgateway.domain.model import Board, Experiment, Membership, ReservedName
from tbgateway.store.memory import Change, Memory
from tbgateway.store.transaction import Transaction


def test_the_last_word_on_a_record_counts(board: Callable[..., Board]) -> None:
    transaction = Transaction(Memory())

    transaction.put(board(name="first"))
    transaction.drop(board())
    transaction.put(board(name="last"))

    assert transaction.finish() == [Change(board(name="last"), keep=True)]


def test_dropping_a_board_drops_what_is_its_own(
    board: Callable[..., Board],
    experiment: Callable[..., Experiment],
    membership: Callable[..., Membership],
) -> None:
    memory = Memory()
    mine, others = membership(board(1), experiment()), membership(board(2), experiment())
    name = ReservedName(name="old", board_id=board(1).id)
    memory.apply([Change(record, keep=True) for record in (board(1), board(2), mine, others, name)])
    transaction = Transaction(memory)

    transaction.drop(board(1))

    assert [change.record for change in transaction.finish()] == [name, mine, board(1)]


def test_dropping_a_board_takes_back_what_was_just_put(
    board: Callable[..., Board],
    experiment: Callable[..., Experiment],
    membership: Callable[..., Membership],
) -> None:
    transaction = Transaction(Memory())

    transaction.put(board(), membership(board(), experiment()))
    transaction.drop(board())

    assert all(not change.keep for change in transaction.finish())


def test_after_its_end_a_transaction_takes_nothing_more(board: Callable[..., Board]) -> None:
    transaction = Transaction(Memory())
    transaction.finish()

    with pytest.raises(RuntimeError, match="over"):
        transaction.put(board())
