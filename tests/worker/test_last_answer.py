"""An answer that is kept: for how long, for whom, and what is made at the same time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tbgateway.worker.last_answer import LastAnswer


class Maker:
    """Makes numbers, each of which takes `cost` seconds of a clock of its own."""

    def __init__(self, cost: float) -> None:
        self.now = 100.0
        self.made = 0
        self._cost = cost

    def clock(self) -> float:
        return self.now

    def make(self) -> int:
        self.now += self._cost
        self.made += 1
        return self.made


@pytest.mark.parametrize(("cost", "kept"), [(0.001, 5.0), (0.25, 5.0), (2.0, 40.0)])
def test_it_is_kept_for_five_seconds_or_twenty_times_its_cost(cost: float, kept: float) -> None:
    maker = Maker(cost)
    last = LastAnswer[int](maker.clock)
    assert last.get("basis", maker.make) == 1
    maker.now += kept - 0.01
    assert last.get("basis", maker.make) == 1
    maker.now += 0.02
    assert last.get("basis", maker.make) == 2


def test_it_is_made_anew_from_something_else() -> None:
    maker = Maker(0.1)
    last = LastAnswer[int](maker.clock)
    assert [last.get(basis, maker.make) for basis in ("a", "a", "b", "b", "a")] == [1, 1, 2, 2, 3]


def test_a_failure_is_not_kept() -> None:
    def fail() -> int:
        raise LookupError("no data")

    last = LastAnswer[int]()
    with pytest.raises(LookupError):
        last.get("basis", fail)
    assert last.get("basis", lambda: 7) == 7


def test_many_who_ask_at_once_have_it_made_once() -> None:
    made: list[int] = []
    together = threading.Barrier(8)

    def make() -> int:
        time.sleep(0.1)  # long enough for all others to come
        made.append(1)
        return len(made)

    last = LastAnswer[int]()

    def ask(_: int) -> int:
        together.wait(timeout=60)
        return last.get("basis", make)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(8))) == [1] * 8
