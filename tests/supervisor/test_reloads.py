"""When an experiment is taken out of the tree to be read anew, and when it is put back."""

from tbgateway.domain.names import ExperimentId
from tbgateway.supervisor.reloads import Reloads

A, B = ExperimentId("ex000000000a"), ExperimentId("ex000000000b")
BOTH = frozenset({A, B})
NONE: frozenset[ExperimentId] = frozenset()


def test_the_first_reload_begins_at_once_and_ends_when_it_is_not_listed_any_more() -> None:
    reloads = Reloads()
    assert reloads.due_at is None
    reloads.want([A])
    assert reloads.due_at == 0.0
    assert reloads.begin(100.0, BOTH, BOTH)
    assert reloads.out == {A}
    assert reloads.due_at is None
    assert not reloads.end(100.5, BOTH)
    assert reloads.end(101.0, frozenset({B}))
    assert reloads.out == NONE


def test_what_was_not_listed_stays_out_until_tensorboard_must_have_noticed() -> None:
    reloads = Reloads()
    reloads.want([A])
    reloads.begin(100.0, BOTH, NONE)
    assert not reloads.end(102.0, NONE)
    assert reloads.end(102.6, NONE)


def test_what_is_replaced_all_the_time_is_out_for_a_small_part_of_it() -> None:
    reloads, out = Reloads(), 0
    for second in range(100, 400):
        reloads.want([A])
        if (reloads.due_at or 0.0) <= second:
            reloads.begin(float(second), BOTH, BOTH)
        out += bool(reloads.out)
        reloads.end(second + 0.5, NONE if second % 2 else BOTH)
    assert out <= 300 / 10 * 2


def test_one_that_must_wait_does_not_hold_up_another() -> None:
    reloads = Reloads()
    reloads.want([A])
    reloads.begin(100.0, BOTH, BOTH)
    reloads.end(101.0, NONE)
    reloads.want([A, B])
    assert reloads.begin(102.0, BOTH, BOTH)
    assert reloads.out == {B}
    assert reloads.due_at == 110.0
    assert not reloads.begin(109.9, BOTH, BOTH)
    assert reloads.begin(110.0, BOTH, BOTH)


def test_what_is_replaced_while_it_is_out_is_read_once_more_later() -> None:
    reloads = Reloads()
    reloads.want([A])
    reloads.begin(100.0, BOTH, BOTH)
    reloads.want([A])
    assert reloads.due_at is None
    reloads.end(101.0, NONE)
    assert reloads.due_at == 110.0


def test_what_left_the_board_is_forgotten() -> None:
    reloads = Reloads()
    reloads.want([A, B])
    reloads.begin(100.0, frozenset({A}), BOTH)
    assert reloads.out == {A}
    assert not reloads.begin(101.0, NONE, BOTH)
    assert reloads.out == NONE
    assert reloads.due_at is None


def test_what_is_listed_although_it_is_out_is_stuck() -> None:
    reloads = Reloads()
    reloads.want([A])
    reloads.begin(100.0, BOTH, BOTH)
    assert not reloads.stuck(114.9)
    assert reloads.stuck(115.0)


def test_a_process_that_is_over_leaves_nothing_to_do() -> None:
    reloads = Reloads()
    assert not reloads.clear()
    reloads.want([A, B])
    assert not reloads.clear()
    reloads.want([A])
    reloads.begin(100.0, BOTH, BOTH)
    reloads.want([B])
    assert reloads.clear()
    assert (reloads.out, reloads.due_at) == (NONE, None)
