"""Looking again and again at the event files of one experiment."""

import os
from pathlib import Path

import pytest

from tbgateway.discovery.event_file_marks import EventFileMarks

NAME = "events.out.tfevents.1.host"


@pytest.fixture
def experiment(tmp_path: Path) -> Path:
    for run in ("train", "val"):
        (tmp_path / "exp" / run).mkdir(parents=True)
        (tmp_path / "exp" / run / NAME).write_bytes(b"12345")
    return tmp_path / "exp"


def replace(path: Path, content: bytes) -> None:
    new = path.with_name("arriving")
    new.write_bytes(content)
    new.replace(path)


def watched(path: Path) -> EventFileMarks:
    marks = EventFileMarks(str(path))
    assert not marks.look()
    return marks


def test_growth_and_new_files_and_whole_runs_are_taken_up_by_tensorboard_itself(
    experiment: Path,
) -> None:
    marks = watched(experiment)
    with (experiment / "train" / NAME).open("ab") as file:
        file.write(b"6789")
    assert not marks.look()
    (experiment / "train" / "events.out.tfevents.2.host").write_bytes(b"12345")
    (experiment / "test").mkdir()
    (experiment / "test" / NAME).write_bytes(b"12345")
    (experiment / "notes.txt").write_bytes(b"12345")
    assert not marks.look()
    (experiment / "notes.txt").unlink()
    assert not marks.look()


@pytest.mark.parametrize("content", [b"12345678", b"12", b"abcde"])
def test_a_file_that_another_was_renamed_over_is_told_once(
    experiment: Path, content: bytes
) -> None:
    marks = watched(experiment)
    replace(experiment / "val" / NAME, content)
    assert marks.look()
    assert not marks.look()


def test_a_file_that_became_shorter_is_told_once(experiment: Path) -> None:
    marks = watched(experiment)
    os.truncate(experiment / "val" / NAME, 2)
    assert marks.look()
    assert not marks.look()


def test_a_directory_that_is_another_one_holds_other_files(experiment: Path) -> None:
    marks = watched(experiment)
    experiment.rename(experiment.with_name("old"))
    assert not marks.look()
    (experiment / "train").mkdir(parents=True)
    (experiment / "train" / NAME).write_bytes(b"1234567")
    assert marks.look()


def test_a_directory_that_is_away_for_a_while_is_the_same_one(experiment: Path) -> None:
    marks = watched(experiment)
    away = experiment.with_name("away")
    experiment.rename(away)
    assert not marks.look()
    away.rename(experiment)
    assert not marks.look()


def test_files_behind_links_are_looked_at_too_and_a_circle_has_an_end(
    experiment: Path, tmp_path: Path
) -> None:
    (tmp_path / "apart").mkdir()
    (tmp_path / "apart" / NAME).write_bytes(b"12345")
    (experiment / "far").symlink_to(tmp_path / "apart")
    (experiment / "circle").symlink_to(experiment)
    (experiment / "broken").symlink_to(tmp_path / "nowhere")
    marks = watched(experiment)
    replace(tmp_path / "apart" / NAME, b"1234567")
    assert marks.look()


def test_what_is_no_experiment_any_more_is_no_error(tmp_path: Path) -> None:
    marks = watched(tmp_path / "nowhere")
    (tmp_path / "nowhere").write_bytes(b"12345")
    assert not marks.look()
    assert marks.cost == 1


def test_a_look_costs_one_question_per_file_and_directory(experiment: Path) -> None:
    assert watched(experiment).cost == 5
