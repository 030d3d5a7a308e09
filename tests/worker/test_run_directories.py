"""Walking a logdir without running in circles."""

from pathlib import Path

import pytest

from tbgateway.worker import run_directories
from tbgateway.worker.run_directories import RunDirectories


def make_run(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "events.out.tfevents.1.host").touch()


def names_below(logdir: Path) -> tuple[list[str], list[str]]:
    complaints: list[str] = []
    directories = RunDirectories(str(logdir), complaints.append)
    found = sorted(name for name, _ in directories.find())
    assert found == sorted(name for name, _ in directories.find())
    return found, complaints


def test_runs_are_named_by_their_path_and_links_are_followed(tmp_path: Path) -> None:
    logdir = tmp_path / "logdir"
    make_run(logdir)
    make_run(logdir / "a" / "deep")
    make_run(tmp_path / "elsewhere" / "train")
    (logdir / "b").symlink_to(tmp_path / "elsewhere")
    (logdir / "empty").mkdir()

    assert names_below(logdir) == ([".", "a/deep", "b/train"], [])


def test_a_link_that_leads_back_up_is_left_out_and_said_once(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    found, complaints = names_below(tmp_path)

    assert found == ["a"]
    assert len(complaints) == 2
    assert all("leads back to a directory above it" in complaint for complaint in complaints)


def test_a_directory_may_be_seen_under_several_names(tmp_path: Path) -> None:
    make_run(tmp_path / "run-3")
    (tmp_path / "latest").symlink_to("run-3")

    assert names_below(tmp_path) == (["latest", "run-3"], [])


def test_links_that_lead_nowhere_are_no_runs(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "knot").symlink_to("knot")

    assert names_below(tmp_path) == (["a"], [])


def test_a_logdir_that_is_not_there_is_empty(tmp_path: Path) -> None:
    found, complaints = names_below(tmp_path / "gone")

    assert found == []
    assert len(complaints) == 1


def test_a_tree_that_doubles_at_every_level_does_not_take_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_directories, "_MOST_DIRECTORIES", 200)
    for level in range(20):
        directory = tmp_path / str(level)
        directory.mkdir()
        for name in ("left", "right"):
            (directory / name).symlink_to(tmp_path / str(level + 1))
    make_run(tmp_path / "20")
    complaints: list[str] = []

    found = list(RunDirectories(str(tmp_path / "0"), complaints.append).find())

    assert len(found) < 200
    assert complaints == ["only the first 200 directories are read"]


def test_a_run_that_cannot_be_read_is_left_out_and_found_once_it_can(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    make_run(tmp_path / "b")
    (tmp_path / "b" / "events.out.tfevents.2.host").symlink_to("nowhere")
    found, complaints = names_below(tmp_path)
    assert found == ["a"]
    assert complaints == [f"{tmp_path}/b/events.out.tfevents.2.host: No such file or directory"]

    (tmp_path / "b" / "nowhere").touch()
    assert names_below(tmp_path) == (["a", "b"], [])
