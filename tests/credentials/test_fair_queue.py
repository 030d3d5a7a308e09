from hypothesis import given
from hypothesis import strategies as st

from tbgateway.credentials.fair_queue import FairQueue


def filled(queue: FairQueue[str], *entries: str) -> FairQueue[str]:
    for entry in entries:
        queue.add(entry[0], entry)
    return queue


def taken(queue: FairQueue[str]) -> list[str]:
    return [entry for entry in iter(queue.take, None) if entry is not None]


def test_one_subjects_entries_come_in_their_order() -> None:
    assert taken(filled(FairQueue(8), "a1", "a2", "a3")) == ["a1", "a2", "a3"]


def test_subjects_take_turns() -> None:
    queue = filled(FairQueue(16), "a1", "a2", "a3", "b1", "b2", "c1")

    assert taken(queue) == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_one_subject_may_have_half_of_it() -> None:
    queue = filled(FairQueue(4), "a1", "a2")

    assert not queue.has_room("a")
    assert queue.has_room("b")
    filled(queue, "b1", "b2")
    assert not queue.has_room("c")


def test_a_removed_entry_is_not_taken() -> None:
    queue = filled(FairQueue(8), "a1", "a2", "b1")

    assert queue.remove("a", "a1")
    assert queue.remove("b", "b1")
    assert not queue.remove("b", "b1")
    assert taken(queue) == ["a2"]
    assert not queue.remove("a", "a2")


@given(st.lists(st.sampled_from(["a", "b", "c", "take"])))
def test_nothing_is_lost_and_nothing_comes_twice(steps: list[str]) -> None:
    queue: FairQueue[str] = FairQueue(6)
    added, got = [], []
    for number, step in enumerate(steps):
        if step == "take":
            entry = queue.take()
            got += [] if entry is None else [entry]
        elif queue.has_room(step):
            queue.add(step, f"{step}{number}")
            added.append(f"{step}{number}")
        assert len(queue) == len(added) - len(got) <= 6
    assert sorted(added) == sorted(got + taken(queue))
