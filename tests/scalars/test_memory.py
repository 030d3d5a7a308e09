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


def hundred(last: float) -> Digest:
    """Return a digest of the largest size that is usual."""
    drawn = tuple((float(step), last + step) for step in range(48))
    series = (
        Series("train", f"part{n:02}/loss", drawn if n < 2 else (), last, n, last, last, n)
        for n in range(100)
    )
    return Digest(tuple(series))


def test_two_thousand_experiments_of_a_hundred_series_have_room() -> None:
    memory = Memory()
    ids = [ExperimentId(f"ex{number}") for number in range(2000)]
    whole = hundred(1.0)
    for one in ids:
        memory.learn(one, whole)
    known = [memory.recall(one) for one in ids]
    assert all(one is not None and one.digest is whole and not one.cut for one in known)


def test_series_nobody_draws_make_room_before_experiments_do() -> None:
    memory = Memory(most_bytes=100_000)
    ids = [ExperimentId(f"ex{number}") for number in range(6)]
    for one in ids:
        memory.learn(one, hundred(1.0))
    known = [memory.recall(one) for one in ids]
    assert [one is not None and one.cut for one in known] == [True] * 3 + [False] * 3
    assert [one.digest.series[:2] for one in known] == [hundred(1.0).series[:2]] * 6
    assert sum(one.weight for one in known) == memory._weight <= 100_000
    for one in ids:
        memory.learn(one, hundred(2.0))
    assert [one.digest.series[0].last for one in known] == [2.0] * 6
    assert [one.cut for one in known] == [True] * 3 + [False] * 3


def test_experiments_are_forgotten_where_cutting_does_not_suffice() -> None:
    memory = Memory(most_bytes=5000)
    for one in (A, B, C):
        memory.learn(one, digest(1.0, series=2))
    assert memory.recall(A) is None
    assert len(memory) == 2


def test_long_names_weigh_what_they_take() -> None:
    memory = Memory()
    series = Series("r" * 1000, "\N{PILE OF POO}" * 500, (), 1.0, 0, 1.0, 1.0, 1)
    memory.learn(A, Digest((series,)))
    assert memory._weight > 3000


def test_the_one_that_is_learnt_stays_however_large_it_is() -> None:
    memory = Memory(most_bytes=5)
    memory.learn(A, hundred(1.0))
    memory.learn(B, hundred(1.0))
    assert memory.recall(A) is None
    assert memory.recall(B) is not None
