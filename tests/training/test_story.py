from pathlib import Path

from tbgateway.domain.description import Told
from tbgateway.training.endings import COMPLETED
from tbgateway.training.place import Place
from tbgateway.training.story import Story, together


def story(**options: object) -> Story:
    place = Place(directory=Path("/data/a"), name="a")
    return Story(place=place, told=Told(params={"lr": 0.1}), lease=60.0, **options)  # type: ignore[arg-type] # given by name


def test_several_words_become_one_and_the_last_ones_win() -> None:
    words = (
        Told(params={"lr": 0.1}, tags=("a",), notes="first"),
        Told(params={"lr": 0.2, "epochs": 3}, tags=("b", "a")),
        Told(notes=""),
    )
    assert together(words) == Told(params={"lr": 0.2, "epochs": 3}, tags=("a", "b"), notes="")
    assert together(()) == Told()


def test_what_is_added_while_something_is_told_is_told_later() -> None:
    one = story()
    one.add(Told(tags=("a",)))
    told, additions = one.take_additions()
    one.add(Told(tags=("b",)))
    one.were_told(additions)
    assert told.tags == ("a",)
    assert one.take_additions() == (Told(tags=("b",)), 1)
    assert one.take_all() == (Told(params={"lr": 0.1}, tags=("a", "b")), 1)


def test_all_is_told_when_nothing_is_left() -> None:
    one = story(boards_left=["vision"])
    one.ending = COMPLETED
    one.end_was_told = True
    assert not one.is_told
    one.boards_left.clear()
    assert one.is_told
    one.add(Told(tags=("a",)))
    assert not one.is_told


def test_a_refusal_counts_until_writers_began() -> None:
    early, late = story(), story()
    assert not early.refuse("it sees nothing")
    assert early.settle()
    assert not late.settle()
    assert late.refuse("it sees nothing")
    assert early.is_told
    assert late.is_told


def test_a_signals_handler_may_add_something_meanwhile() -> None:
    one = story()
    assert one._lock.acquire(timeout=1)
    assert one._lock.acquire(timeout=1)  # as `add` of the handler, while `add` is under way
