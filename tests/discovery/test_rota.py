"""Many experiments take turns, and a look at all of them has a bounded cost."""

from pathlib import Path

import pytest

from tbgateway.discovery import rota
from tbgateway.discovery.rota import Rota
from tbgateway.domain.names import ExperimentId

NAME = "events.out.tfevents.1.host"


def experiments(home: Path, count: int) -> dict[ExperimentId, str]:
    paths = {}
    for number in range(count):
        directory = home / f"exp{number}"
        directory.mkdir(exist_ok=True)
        (directory / NAME).write_bytes(b"12345")
        paths[ExperimentId(f"ex{number:010x}")] = str(directory)
    return paths


def replace_all(paths: dict[ExperimentId, str]) -> None:
    for path in paths.values():
        new = Path(path, "arriving")
        new.write_bytes(b"1234567")
        new.replace(Path(path, NAME))


def test_all_are_looked_at_if_they_are_few(tmp_path: Path) -> None:
    rounds, paths = Rota(), experiments(tmp_path, 3)
    rounds.keep(paths)
    assert rounds.look() == frozenset()
    replace_all(paths)
    assert rounds.look() == frozenset(paths)
    assert rounds.look() == frozenset()


def test_many_take_turns_and_nobody_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rota, "_EFFORT", 10)  # a directory and a file each
    rounds, paths = Rota(), experiments(tmp_path, 20)
    for _ in range(4):
        rounds.keep(paths)
        assert rounds.look() == frozenset()
    replace_all(paths)
    turns = []
    for _ in range(4):
        rounds.keep(paths)
        turns.append(rounds.look())
    assert [len(turn) for turn in turns] == [5, 5, 5, 5]
    assert frozenset().union(*turns) == frozenset(paths)


def test_a_huge_one_is_paid_for_by_rounds_without_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rota, "_EFFORT", 10)
    rounds, paths = Rota(), experiments(tmp_path, 1)
    (huge,) = paths.values()
    for number in range(30):
        Path(huge, f"{NAME}.{number}").write_bytes(b"12345")
    rounds.keep(paths)
    rounds.look()
    replace_all(paths)
    assert [len(rounds.look()) for _ in range(4)] == [0, 0, 1, 0]


def test_who_comes_again_begins_anew(tmp_path: Path) -> None:
    rounds, paths = Rota(), experiments(tmp_path, 1)
    rounds.keep(paths)
    rounds.look()
    rounds.keep({})
    replace_all(paths)
    rounds.keep(paths)
    assert rounds.look() == frozenset()
    assert repr(rounds) == "<Rota of 1>"


def test_who_moved_begins_anew(tmp_path: Path) -> None:
    rounds, paths = Rota(), experiments(tmp_path, 2)
    one, other = paths
    rounds.keep({one: paths[one]})
    rounds.look()
    rounds.keep({one: paths[other]})
    assert rounds.look() == frozenset()
