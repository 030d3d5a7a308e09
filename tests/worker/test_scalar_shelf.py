import os
from pathlib import Path

from raw_events import scalar_records, write_records

from tbgateway.worker import scalar_shelf
from tbgateway.worker.scalar_messages import Turn
from tbgateway.worker.scalar_shelf import ScalarShelf


def turn(home: Path, name: str, *tags: str) -> Turn:
    path = Path(os.path.realpath(home)) / name
    if not path.exists():
        write_records(path, *(scalar_records(tag, 1.0, 2.0) for tag in tags))
    return Turn(name, [(".", str(file)) for file in path.iterdir()])


def test_what_was_not_asked_for_longest_is_forgotten_first(tmp_path: Path) -> None:
    shelf = ScalarShelf(most_experiments=2)
    for name in ("a", "b", "a", "c"):
        shelf.take(turn(tmp_path, name, "loss"))
    assert list(shelf._experiments) == ["a", "c"]
    assert len(shelf) == 2


def test_many_series_weigh_as_much_as_many_experiments(tmp_path: Path) -> None:
    shelf = ScalarShelf(most_weight=8000)
    for name in ("a", "b", "c"):
        shelf.take(turn(tmp_path, name, "loss", "lr"))
        assert shelf._weight == sum(one.weight for one in shelf._experiments.values()) <= 8000
    assert list(shelf._experiments) == ["b", "c"]


def test_two_thousand_experiments_of_a_hundred_series_have_room(tmp_path: Path) -> None:
    shelf = ScalarShelf()
    shelf.take(turn(tmp_path, "a", *(f"validation/metric_{number:03}" for number in range(100))))
    assert shelf._weight * 2000 < scalar_shelf._MOST_WEIGHT


def test_one_that_is_too_large_alone_is_kept_as_long_as_it_is_asked_for(tmp_path: Path) -> None:
    shelf = ScalarShelf(most_weight=2)
    large = turn(tmp_path, "large", "a", "b", "c")
    assert len(shelf.take(large).digest.series) == 3
    assert len(shelf) == 1
    shelf.take(turn(tmp_path, "small", "loss"))
    assert list(shelf._experiments) == ["small"]


def test_what_was_forgotten_is_read_anew(tmp_path: Path) -> None:
    shelf = ScalarShelf(most_experiments=1)
    first = shelf.take(turn(tmp_path, "a", "loss"))
    shelf.take(turn(tmp_path, "b", "loss"))
    assert shelf.take(turn(tmp_path, "a")) == first


def test_large_experiments_take_turns(tmp_path: Path) -> None:
    values = [float(number) for number in range(20_000)]
    for name in ("a", "b"):
        write_records(tmp_path / name, scalar_records("loss", *values))
    shelf = ScalarShelf()
    seen: dict[str, list[bool]] = {"a": [], "b": []}
    while not (seen["a"] and seen["b"] and seen["a"][-1] and seen["b"][-1]):
        for name, complete in seen.items():
            complete.append(shelf.take(turn(tmp_path, name), size=100_000).digest.complete)
    assert len(seen["a"]) == len(seen["b"]) > 2
