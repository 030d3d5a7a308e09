from tbgateway.domain.names import ExperimentId
from tbgateway.domain.series import Digest, Series
from tbgateway.scalars.memory import Known, Memory

A, B, C = (ExperimentId(name) for name in "abc")


def digest(last: float, *, complete: bool = True, series: int = 1) -> Digest:
    one = Series(".", "loss", ((0.0, last),), last, 0, last, last, 1)
    return Digest((one,) * series, complete=complete)


def test_people_are_told_of_the_beginning_and_of_the_end() -> None:
    known = Known()
    assert known.learn(digest(1.0, complete=False))
    assert not known.learn(digest(2.0, complete=False))
    assert known.digest == digest(2.0, complete=False)
    assert known.learn(digest(3.0))
    assert not known.learn(digest(3.0))


def test_what_was_read_to_its_end_stays_until_something_newer_is() -> None:
    known = Known()
    known.learn(digest(1.0))
    assert not known.learn(digest(5.0, complete=False))
    assert known.digest == digest(1.0)
    assert known.learn(digest(2.0))
    assert known.digest == digest(2.0)


def test_what_nobody_asks_for_is_forgotten_first() -> None:
    memory = Memory(most_experiments=2)
    for one in (A, B):
        memory.learn(one, digest(1.0))
    assert memory.recall(A) is not None
    memory.learn(C, digest(1.0))
    assert (memory.recall(B), len(memory)) == (None, 2)


def test_many_series_count_like_many_experiments() -> None:
    memory = Memory(most_series=5)
    memory.learn(A, digest(1.0, series=3))
    memory.learn(A, digest(2.0, series=2))
    memory.learn(B, digest(1.0, series=3))
    assert len(memory) == 2
    memory.learn(C, digest(1.0, series=1))
    assert memory.recall(A) is None
    assert len(memory) == 2


def test_the_one_that_is_learnt_stays_however_large_it_is() -> None:
    memory = Memory(most_series=5)
    memory.learn(A, digest(1.0, series=9))
    assert memory.recall(A) is not None
