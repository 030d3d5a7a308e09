import shutil
from dataclasses import replace
from pathlib import Path

from experiment_site import EVENTS, Site, names, reasons, write

from tbgateway.discovery import Found, measure
from tbgateway.domain.experiment_state import MISSING
from tbgateway.domain.model import ExperimentState


def test_a_vanished_directory_is_missing_at_the_next_scan(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    write(root / "bert" / EVENTS)
    ids = site.adopt()
    site.clock.now += 1000
    site.look()
    (root / "resnet").rename(root / "renamed")
    report = site.look()
    assert report.measurements[ids["resnet"]] == MISSING
    assert report.measurements[ids["bert"]].problem is None
    assert names(report) == ["renamed"]
    (root / "renamed").rename(root / "resnet")
    assert site.look().measurements[ids["resnet"]].bytes == 10


def test_a_missing_root_is_a_problem_of_its_experiments(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    ids = site.adopt()
    root.rename(root.parent / "away")
    report = site.look()
    seen = report.measurements[ids["resnet"]]
    assert seen.last_event_at is None
    assert seen.problem == (
        f"its logdir root 'runs' ({root}) is not there: No such file or directory"
    )
    assert report.skipped == ((str(root), seen.problem.replace("its", "the", 1)),)
    (root.parent / "away").rename(root)
    seen = site.look().measurements[ids["resnet"]]
    assert (seen.bytes, seen.problem) == (10, None)


def test_an_empty_root_is_taken_for_an_unmounted_one(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    ids = site.adopt()
    shutil.rmtree(root)
    root.mkdir()
    problem = site.look().measurements[ids["resnet"]].problem
    assert problem == f"its logdir root 'runs' ({root}) is empty; is it mounted?"


def test_a_root_that_is_a_file_is_a_problem(site: Site, root: Path) -> None:
    root.rmdir()
    root.write_text("")
    assert site.look().skipped[0][1].endswith("is not there: it is no directory")


def test_experiments_of_a_root_that_moved_move_with_it(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    ids = site.adopt()
    root.rename(root.parent / "disk-2")
    root.symlink_to("disk-2")
    report = site.look()
    assert report.found == ()
    assert report.moved[ids["resnet"]].path == str(root.parent / "disk-2" / "resnet")
    assert report.measurements[ids["resnet"]].problem == (
        "it lies outside of its logdir root 'runs'"
    )


def test_a_registered_name_is_not_taken_over(site: Site, root: Path) -> None:
    write(root / "archive" / "old" / EVENTS)
    write(root / "resnet" / EVENTS)
    seen = measure(root / "archive" / "old", root, 4)
    found = Found("runs", "resnet", str(root / "archive" / "old"), seen)
    site.register(found, ExperimentState.COMPLETED, registered=True)
    report = site.look()
    assert names(report) == ["archive"]
    assert report.moved == {}
    assert "was registered" in reasons(report, root)["resnet"]


def test_experiments_of_an_unknown_root_are_kept_with_a_problem(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    ids = site.adopt()
    site.known = {key: replace(one, root="gone") for key, one in site.known.items()}
    problem = site.look().measurements[ids["resnet"]].problem
    assert problem == "its logdir root 'gone' is not configured"


def test_registered_directories_at_any_depth_are_measured(site: Site, root: Path) -> None:
    events = write(root / "a" / "b" / "c" / "d" / "e" / "f" / EVENTS)
    path = str(root / "a" / "b" / "c" / "d" / "e" / "f")
    found = Found("runs", "deep", path, measure(path, root, 4))
    site.register(found, ExperimentState.RUNNING, registered=True)
    (key,) = site.known
    assert site.look().measurements[key].bytes == 10
    write(events, 30)
    assert site.look().measurements[key].bytes == 30
