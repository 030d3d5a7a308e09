import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from experiment_site import EVENTS, Site, as_ordinary_user, names, reasons, write

from tbgateway.discovery import Root
from tbgateway.domain.experiment_state import MISSING
from tbgateway.domain.model import ExperimentState


def test_first_level_directories_with_event_files_are_experiments(site: Site, root: Path) -> None:
    write(root / "resnet" / "train" / EVENTS, 5, at=100.0)
    write(root / "bert" / EVENTS, 7)
    write(root / "notes" / "readme.md")
    (root / "empty").mkdir()
    write(root / "todo.txt")
    report = site.look()
    assert names(report) == ["bert", "resnet"]
    resnet = next(found for found in report.found if found.name == "resnet")
    assert (resnet.root, resnet.path) == ("runs", str(root / "resnet"))
    assert (resnet.measurement.bytes, resnet.measurement.last_event_at) == (5, 100.0)
    assert report.skipped == ()


def test_event_files_are_looked_for_down_to_the_search_depth(root: Path) -> None:
    write(root / "deep" / "1" / "2" / "3" / EVENTS)
    assert names(Site({"runs": Root(root)}, search_depth=2).look()) == []
    assert names(Site({"runs": Root(root)}, search_depth=3).look()) == ["deep"]


def test_with_depth_two_experiments_are_named_project_and_run(projects: Site, root: Path) -> None:
    write(root / "vision" / "resnet" / EVENTS)
    write(root / "vision" / "vit" / "train" / EVENTS)
    write(root / "speech" / "resnet" / EVENTS)
    write(root / "stray.txt")
    assert names(projects.look()) == ["speech/resnet", "vision/resnet", "vision/vit"]
    write(root / "speech" / "wavenet" / EVENTS)
    write(root / "language" / "bert" / EVENTS)
    projects.adopt()
    shutil.rmtree(root / "vision")
    assert len(projects.known) == 5
    assert [seen for seen in projects.look().measurements.values() if seen == MISSING] != []


def test_event_files_outside_of_any_experiment_are_explained(
    site: Site, projects: Site, root: Path
) -> None:
    write(root / EVENTS)
    write(root / "vision" / EVENTS)
    assert "directly in the root" in reasons(site.look(), root)["."]
    told = reasons(projects.look(), root)
    assert "directly in the root" in told["."]
    assert "--" not in told["."]  # also those read it who have no command line of the gateway
    assert "directly in the project" in told["vision"]
    assert names(projects.look()) == []


def test_the_same_name_in_two_roots_is_found_twice(tmp_path: Path) -> None:
    write(tmp_path / "a" / "resnet" / EVENTS)
    write(tmp_path / "b" / "resnet" / EVENTS)
    report = Site({"a": Root(tmp_path / "a"), "b": Root(tmp_path / "b")}).look()
    assert [(found.root, found.name) for found in report.found] == [
        ("a", "resnet"),
        ("b", "resnet"),
    ]


def test_a_directory_below_two_roots_is_found_once(tmp_path: Path) -> None:
    write(tmp_path / "a" / "project" / "run" / EVENTS)
    roots = {"outer": Root(tmp_path / "a", depth=2), "inner": Root(tmp_path / "a" / "project")}
    report = Site(roots).look()
    assert [(found.root, found.name) for found in report.found] == [("outer", "project/run")]


def test_known_paths_are_not_found_again_under_any_name(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    site.adopt()
    (key,) = site.known
    site.known[key] = replace(site.known[key], name="my resnet", registered=True)
    report = site.look()
    assert report.found == ()
    assert report.measurements[key].bytes == 10


def test_a_root_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path / "disk" / "resnet" / EVENTS)
    (tmp_path / "runs").symlink_to("disk")
    (found,) = Site({"runs": Root(tmp_path / "runs")}).look().found
    assert (found.name, found.path) == ("resnet", str(tmp_path / "disk" / "resnet"))


def test_a_link_out_of_the_root_is_no_experiment(site: Site, root: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / EVENTS)
    (root / "tempting").symlink_to(tmp_path / "elsewhere")
    (root / "sibling").symlink_to("../runs-2")
    report = site.look()
    assert names(report) == []
    leaves = "it is a link that leaves its logdir root"
    assert reasons(report, root) == {"tempting": leaves, "sibling": leaves}


def test_a_link_to_an_experiment_is_no_second_one(site: Site, root: Path) -> None:
    write(root / "run-1" / EVENTS)
    (root / "latest").symlink_to("run-1")
    (root / "loop").symlink_to(".")
    report = site.look()
    assert names(report) == ["run-1"]
    assert set(reasons(report, root)) == {"latest", "loop"}


def test_a_link_to_a_deeper_directory_is_an_experiment_and_may_move(site: Site, root: Path) -> None:
    for trial in ("trial-1", "trial-2"):
        write(root / "sweep" / trial / EVENTS)
    (root / "best").symlink_to("sweep/trial-1")
    ids = site.adopt()
    assert site.known[ids["best"]].path == str(root / "sweep" / "trial-1")
    (root / "best").unlink()
    (root / "best").symlink_to("sweep/trial-2")
    report = site.look()
    assert report.found == ()
    assert report.moved[ids["best"]].path == str(root / "sweep" / "trial-2")


def test_projects_are_never_links(projects: Site, root: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "run" / EVENTS)
    write(root / "vision" / "run" / EVENTS)
    (root / "speech").symlink_to(tmp_path / "elsewhere")
    (root / "vision-2").symlink_to("vision")
    report = projects.look()
    assert names(report) == ["vision/run"]
    assert set(reasons(report, root)) == {"speech", "vision-2"}


def test_an_experiment_with_a_link_out_of_the_root_is_found_with_a_problem(
    site: Site, root: Path
) -> None:
    write(root / "resnet" / EVENTS)
    (root / "resnet" / "data").symlink_to("/etc")
    (found,) = site.look().found
    assert found.measurement.problem == "'data' in it is a link that leaves its logdir root"


def test_unusable_names_are_told_only_where_event_files_are(site: Site, root: Path) -> None:
    for name in (b"bad\xff", b"line\nbreak", b"ex0123456789"):
        write(root / os.fsdecode(name) / EVENTS)
    (root / os.fsdecode(b"nothing in it\xff")).mkdir()
    report = site.look()
    assert names(report) == []
    told = {Path(path).name: reason for path, reason in report.skipped}
    assert set(told) == {"bad\\xff", "line\nbreak", "ex0123456789"}
    assert "not valid UTF-8" in told["bad\\xff"]
    assert site.look().skipped == report.skipped


def test_odd_but_usable_names_are_found(site: Site, root: Path) -> None:
    odd = ["a b, c", "100%", "#1", 'quote"', "naïve-模型", "-e", ".hidden", "n" * 255]
    for name in odd:
        write(root / name / EVENTS)
    assert names(site.look()) == sorted(odd)


def test_a_root_with_an_undecodable_path_is_explained(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"r\xff")
    write(root / "resnet" / EVENTS)
    report = Site({"runs": Root(root)}).look()
    assert report.found == ()
    assert report.skipped[0][1] == "Its path is not valid UTF-8."
    report.skipped[0][0].encode()


def test_unreadable_directories_keep_their_experiments() -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        root.chmod(0o755)
        write(root / "known" / EVENTS)
        site = Site({"runs": Root(root), "deep": Root(root, depth=2)})
        ids = site.adopt(ExperimentState.RUNNING)
        write(root / "unknown" / EVENTS)
        write(root / "project" / "run" / EVENTS)
        for name in ("known", "unknown", "project"):
            (root / name).chmod(0)
        with as_ordinary_user():
            report = site.look()
        for name in ("known", "unknown", "project"):
            (root / name).chmod(0o755)
    unreadable = "its directory cannot be read: Permission denied"
    assert report.measurements[ids["known"]].problem == unreadable
    assert report.measurements[ids["known"]].last_event_at is None
    assert report.found == ()
    assert (str(root / "unknown"), unreadable) in report.skipped
    assert (str(root / "project"), "it cannot be read: Permission denied") in report.skipped


def test_pipes_sockets_and_broken_links_in_a_root_are_passed_over(site: Site, root: Path) -> None:
    write(root / "resnet" / EVENTS)
    os.mkfifo(root / "pipe")
    os.mkfifo(root / "pipe.tfevents")
    (root / "dangling").symlink_to("resnet-2/not/there")
    assert names(site.look()) == ["resnet"]
