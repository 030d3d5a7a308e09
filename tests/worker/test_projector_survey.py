"""How often the file system is asked what runs have for the projector."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from tbgateway.worker.projector_survey import ProjectorSurvey

CONFIG = "projector_config.pbtxt"
LATELY, LONG_AGO = 5.0, 3600.0


def settle(directory: Path, age: float = LONG_AGO) -> None:
    changed = time.time() - age
    os.utime(directory, (changed, changed))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return the directory of the run `run` below the logdir `tmp_path`, changed long ago."""
    directory = tmp_path / "run"
    directory.mkdir()
    settle(directory)
    return directory


@pytest.fixture
def survey(tmp_path: Path) -> ProjectorSurvey:
    return ProjectorSurvey(str(tmp_path), lambda: ["run"], ProjectorConfig)


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count what the file system is asked."""
    asked: Counter[str] = Counter()
    stat, lstat = os.stat, os.lstat

    def counted(what: str, usual: Callable[[Any], Any], path: Any) -> Any:
        asked[what] += 1
        return usual(path)

    monkeypatch.setattr(os, "stat", partial(counted, "stat", stat))
    monkeypatch.setattr(os, "lstat", partial(counted, "lstat", lstat))
    yield asked
    monkeypatch.undo()


def test_a_run_without_anything_costs_one_question(
    run: Path, survey: ProjectorSurvey, questions: Counter[str]
) -> None:
    assert run.name not in survey.take()
    questions.clear()
    assert run.name not in survey.take()

    assert questions == {"stat": 1}


@pytest.mark.parametrize("below", ["", "plugins", "plugins/org_tensorflow_tensorboard_projector"])
def test_what_is_added_later_is_noticed(run: Path, survey: ProjectorSurvey, below: str) -> None:
    """Whichever of the directories are there before."""
    (run / below).mkdir(parents=True, exist_ok=True)
    for directory in (run, run / "plugins", run / below):
        if directory.exists():
            settle(directory)
    assert run.name not in survey.take()

    place = run if not below else run / "plugins" / "org_tensorflow_tensorboard_projector"
    place.mkdir(exist_ok=True)
    (place / CONFIG).write_text("")
    assert run.name in survey.take()


def test_a_run_that_appears_later_is_noticed(tmp_path: Path, survey: ProjectorSurvey) -> None:
    assert "run" not in survey.take()

    (tmp_path / "run").mkdir()
    (tmp_path / "run" / CONFIG).write_text("")
    assert "run" in survey.take()


def test_a_time_stamp_that_is_young_says_nothing(run: Path, survey: ProjectorSurvey) -> None:
    settle(run, LATELY)
    stamp = run.stat().st_mtime_ns
    assert run.name not in survey.take()

    (run / CONFIG).write_text("")
    os.utime(run, ns=(stamp, stamp))  # as clocks that tick seldom have it
    assert run.name in survey.take()


def test_nobody_waits_for_somebody_elses_look(run: Path) -> None:
    (run / CONFIG).write_text("")
    slow, over = threading.Event(), threading.Event()

    def make_config() -> Any:
        if not slow.is_set():
            slow.set()
            over.wait()
        return ProjectorConfig()

    survey = ProjectorSurvey(str(run.parent), lambda: ["run"], make_config)
    thread = threading.Thread(target=survey.take, daemon=True)
    thread.start()
    assert slow.wait(30)

    first: list[Any] = []
    another = threading.Thread(target=lambda: first.append(survey.take()["run"]), daemon=True)
    another.start()
    another.join(30)
    over.set()
    thread.join(30)
    assert first == [survey.take()["run"]]
