import pytest

from tbgateway.credentials import verdicts as module
from tbgateway.credentials.verdicts import Verdicts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verdicts(clock: Clock) -> Verdicts:
    return Verdicts(600.0, clock)


@pytest.mark.parametrize(("right", "lifetime"), [(True, 600.0), (False, 10.0)])
def test_a_verdict_is_remembered_for_its_time(
    right: bool,  # noqa: FBT001 - a parameter of the test
    lifetime: float,
    verdicts: Verdicts,
    clock: Clock,
) -> None:
    attempt = verdicts.attempt("vision", "user", b"password", "hash")
    assert verdicts.get(attempt) is None

    verdicts.put(attempt, right=right)

    clock.now += lifetime - 0.001
    assert verdicts.get(attempt) is right
    clock.now += 0.001
    assert verdicts.get(attempt) is None


def test_a_wrong_one_is_never_remembered_longer_than_a_right_one(clock: Clock) -> None:
    verdicts = Verdicts(0.0, clock)
    attempt = verdicts.attempt("vision", "user", b"password", None)

    verdicts.put(attempt, right=False)

    assert verdicts.get(attempt) is None


def test_whatever_differs_makes_another_attempt(verdicts: Verdicts) -> None:
    attempts = {
        verdicts.attempt("vision", "user", b"password", "hash"),
        verdicts.attempt("audio", "user", b"password", "hash"),
        verdicts.attempt("vision", "another", b"password", "hash"),
        verdicts.attempt("vision", "user", b"passwork", "hash"),
        verdicts.attempt("vision", "user", b"password", "other"),
        verdicts.attempt("vision", "user", b"password", None),
        verdicts.attempt("vision1", "user", b"password", "hash"),
        verdicts.attempt("vision", "user", b"passwordh", "ash"),
    }

    assert len(attempts) == 8


def test_nothing_in_it_is_a_password_and_no_digest_outlives_the_process(clock: Clock) -> None:
    first, second = Verdicts(600.0, clock), Verdicts(600.0, clock)

    assert first.attempt("a", "user", b"hunter2", None) != second.attempt(
        "a", "user", b"hunter2", None
    )
    assert "hunter2" not in repr(first.attempt("a", "user", b"hunter2", None))


def test_the_least_recently_used_goes_first(
    verdicts: Verdicts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    first, second, third = (verdicts.attempt("a", name, b"", None) for name in "xyz")
    verdicts.put(first, right=True)
    verdicts.put(second, right=True)
    verdicts.get(first)

    verdicts.put(third, right=True)

    assert [verdicts.get(one) for one in (first, second, third)] == [True, None, True]


def test_a_longer_time_counts_from_then_on_and_a_shorter_one_forgets(
    verdicts: Verdicts, clock: Clock
) -> None:
    early, late = (verdicts.attempt("vision", "user", word, "hash") for word in (b"a", b"b"))
    verdicts.put(early, right=True)
    verdicts.remember_for(900.0)
    verdicts.put(late, right=True)
    clock.now += 600.0

    assert (verdicts.get(early), verdicts.get(late)) == (None, True)
    verdicts.remember_for(60.0)
    assert verdicts.get(late) is None
