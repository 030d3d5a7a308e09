import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.io_wrapper import IsTensorFlowEventsFile

from tbgateway.domain.experiment_state import MISSING, Measurement
from tbgateway.eventfiles import (
    EventFile,
    EventFiles,
    find,
    is_event_file,
    is_within,
    measure,
    printable,
)

EVENTS = "events.out.tfevents.1700000000.host.1.0"
SETTLED = 3600.0
"""Far enough ahead of the real clock that fresh directories count as settled."""


def write(path: Path, size: int = 10, at: float = 1_700_000_000.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (at, at))
    return path


def look(watched: EventFiles, now: float) -> Measurement:
    """Measure; what happens next gets a later time even where clocks tick slowly."""
    measurement = watched.measure(now)
    time.sleep(0.01)
    return measurement


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Permissions mean nothing to root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "runs"
    root.mkdir()
    return root


@pytest.fixture
def open_root() -> Iterator[Path]:
    """A root that every user can reach, unlike pytest's own directories."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve()
        root.chmod(0o755)
        yield root


@pytest.fixture
def experiment(root: Path) -> Path:
    experiment = root / "resnet"
    experiment.mkdir()
    return experiment


@pytest.fixture
def watched(root: Path, experiment: Path) -> EventFiles:
    return EventFiles(str(experiment), str(root), search_depth=4)


@pytest.mark.parametrize(
    "name", [EVENTS, "tfevents", "x.tfevents.profile-empty", "tfevent", "events.out", "TFEVENTS"]
)
def test_a_file_is_an_event_file_exactly_if_tensorboard_says_so(name: str) -> None:
    assert is_event_file(name) == IsTensorFlowEventsFile(f"/runs/{name}")


def test_a_directory_lies_within_itself_and_its_ancestors_only() -> None:
    assert is_within("/a/b", "/a/b")
    assert is_within("/a/b/c", "/a/b")
    assert is_within("/a", "/")
    assert not is_within("/a/bc", "/a/b")
    assert not is_within("/a", "/a/b")


def test_undecodable_bytes_are_printed_as_escapes() -> None:
    assert printable(os.fsdecode(b"/a/\xff\xc3\xa9")) == "/a/\\xffé"


def test_event_files_at_all_levels_are_added_up(root: Path, experiment: Path) -> None:
    write(experiment / EVENTS, 5, at=100.0)
    write(experiment / "train" / EVENTS, 7, at=300.5)
    write(experiment / "train" / "model.ckpt", 1000, at=900.0)
    seen = measure(str(experiment), str(root), 4)
    assert (seen.bytes, seen.last_event_at, seen.problem) == (12, 300.5, None)


def test_files_are_looked_for_down_to_the_search_depth(root: Path, experiment: Path) -> None:
    write(experiment / "1" / "2" / EVENTS)
    write(experiment / "1" / "2" / "3" / EVENTS)
    assert measure(str(experiment), str(root), 2).bytes == 10
    assert measure(str(experiment), str(root), 3).bytes == 20


def test_a_directory_without_event_files_has_no_last_event(root: Path, experiment: Path) -> None:
    write(experiment / "notes.txt")
    seen = measure(str(experiment), str(root), 4)
    assert (seen.bytes, seen.last_event_at, seen.problem) == (0, None, None)


def test_a_missing_directory_is_missing(root: Path) -> None:
    assert measure(str(root / "nowhere"), str(root), 4) == MISSING
    assert measure(str(root / "nowhere" / "below"), str(root), 4) == MISSING


def test_a_directory_that_became_a_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "outside" / "run" / EVENTS)
    (root / "project").symlink_to(tmp_path / "outside")
    for path in (root / "project", root / "project" / "run"):
        seen = measure(str(path), str(root), 4)
        assert seen.problem == "its directory was replaced by a link or a file"
        assert seen.last_event_at is None


@pytest.mark.parametrize("target", ["/etc", "/etc/passwd", "/nowhere/at/all", "../../../x"])
def test_a_link_out_of_the_root_is_a_problem(root: Path, experiment: Path, target: str) -> None:
    write(experiment / "train" / EVENTS)
    (experiment / "train" / "data").symlink_to(target)
    seen = measure(str(experiment), str(root), 4)
    assert seen.problem == "'train/data' in it is a link that leaves its logdir root"
    assert seen.bytes == 10


def test_a_link_out_of_the_root_is_found_below_the_depth_that_is_searched(
    root: Path, experiment: Path
) -> None:
    write(experiment / EVENTS)
    deep = experiment / "a" / "b" / "c" / "d" / "e"
    write(deep / EVENTS)
    (deep / "leak").symlink_to(root.parent / "private")
    seen = measure(str(experiment), str(root), 4)
    assert seen.problem == "'a/b/c/d/e/leak' in it is a link that leaves its logdir root"
    assert seen.bytes == 10
    (deep / "leak").unlink()
    (root / "other" / "1").mkdir(parents=True)
    (root / "other" / "1" / "out").symlink_to("/etc")
    (deep / "hop").symlink_to(root / "other")
    assert measure(str(experiment), str(root), 4).problem is not None
    (root / "other" / "1" / "out").unlink()
    assert measure(str(experiment), str(root), 4) == replace(seen, problem=None)


def test_the_shortest_way_to_a_directory_decides_whether_it_is_searched(
    root: Path, experiment: Path
) -> None:
    write(experiment / "1" / "2" / "3" / EVENTS)
    (experiment / "z").symlink_to(experiment / "1" / "2" / "3")
    assert measure(str(experiment), str(root), 1).bytes == 10


def test_too_many_directories_to_check_are_a_problem(
    root: Path, experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.eventfiles._MOST_DIRECTORIES", 3)
    write(experiment / EVENTS)
    write(experiment / "1" / "2" / "3.txt")
    assert measure(str(experiment), str(root), 4).problem is None
    (experiment / "1" / "2" / "3").mkdir()
    seen = measure(str(experiment), str(root), 4)
    assert seen.problem == "it holds more than 3 directories: too many to check"
    assert seen.bytes == 10


@pytest.mark.parametrize("absurd", [1e12, -1e9, 4e9])
def test_where_a_files_time_is_absurd_the_file_systems_own_counts(
    root: Path, experiment: Path, absurd: float
) -> None:
    events = write(experiment / EVENTS, at=absurd)
    assert measure(str(experiment), str(root), 4).last_event_at == events.stat().st_ctime


def test_a_clock_may_be_a_little_ahead(root: Path, experiment: Path) -> None:
    ahead = float(int(time.time()) + 3600)
    write(experiment / EVENTS, at=ahead)
    assert measure(str(experiment), str(root), 4).last_event_at == ahead


def test_a_link_inside_the_root_is_followed_once(root: Path, experiment: Path) -> None:
    write(root / "shared" / EVENTS, 3)
    (experiment / "a").symlink_to(root / "shared")
    (experiment / "b").symlink_to("../shared")
    (experiment / EVENTS).symlink_to(root / "shared" / EVENTS)
    seen = measure(str(experiment), str(root), 4)
    assert (seen.bytes, seen.problem) == (6, None)


def test_loops_end(root: Path, experiment: Path) -> None:
    write(experiment / "run" / EVENTS)
    (experiment / "run" / "up").symlink_to(experiment)
    (experiment / "self").symlink_to("self")
    (experiment / "all").symlink_to(root)
    seen = measure(str(experiment), str(root), 50)
    assert (seen.bytes, seen.problem) == (10, None)


def test_what_is_called_like_an_event_file_but_is_none_is_a_problem(
    root: Path, experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(experiment / EVENTS)
    os.mkfifo(experiment / "pipe.tfevents")
    why = "'pipe.tfevents' in it has an event file's name but is no regular file"
    assert measure(str(experiment), str(root), 4).problem == why
    (experiment / "pipe.tfevents").unlink()
    monkeypatch.chdir(experiment)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("tfevents")
        assert measure(str(experiment), str(root), 4).problem is not None
    os.mkfifo(root / "pipe")
    Path("tfevents").unlink()
    Path("tfevents").symlink_to(root / "pipe")
    assert measure(str(experiment), str(root), 4).problem is not None


def test_other_pipes_and_sockets_are_passed_over(root: Path, experiment: Path) -> None:
    write(experiment / EVENTS)
    os.mkfifo(experiment / "control")
    assert measure(str(experiment), str(root), 4).problem is None


def test_undecodable_names_are_measured(root: Path, experiment: Path) -> None:
    write(experiment / os.fsdecode(b"r\xff") / EVENTS)
    (experiment / os.fsdecode(b"l\xfe")).symlink_to("/etc")
    seen = measure(str(experiment), str(root), 4)
    assert seen.bytes == 10
    assert seen.problem == "'l\\\\xfe' in it is a link that leaves its logdir root"


def test_an_unreadable_directory_is_a_problem(open_root: Path) -> None:
    write(open_root / "resnet" / EVENTS)
    (open_root / "resnet").chmod(0)
    with as_ordinary_user():
        seen = measure(str(open_root / "resnet"), str(open_root), 4)
    assert seen.problem == "its directory cannot be read: Permission denied"
    assert seen.last_event_at is None
    (open_root / "resnet").chmod(0o755)


def test_an_unreadable_part_matters_only_where_nothing_else_is_seen(open_root: Path) -> None:
    experiment = open_root / "resnet"
    write(experiment / "private" / EVENTS)
    (experiment / "private").chmod(0)
    with as_ordinary_user():
        seen = measure(str(experiment), str(open_root), 4)
    assert seen.problem == "'private' in it cannot be read: Permission denied"
    write(experiment / EVENTS)
    with as_ordinary_user():
        seen = measure(str(experiment), str(open_root), 4)
    assert (seen.bytes, seen.problem) == (10, None)
    (experiment / "private").chmod(0o755)


def test_growth_is_seen_at_the_next_look(watched: EventFiles, experiment: Path) -> None:
    events = write(experiment / "train" / EVENTS)
    now = time.time() + SETTLED
    assert look(watched, now).bytes == 10
    with events.open("ab") as file:
        file.write(b"more")
    assert look(watched, now + 10).bytes == 14


def test_new_files_and_directories_are_seen_at_the_next_look(
    watched: EventFiles, experiment: Path
) -> None:
    write(experiment / "train" / EVENTS)
    now = time.time() + SETTLED
    look(watched, now)
    write(experiment / "train" / f"{EVENTS}.v2")
    assert look(watched, now + 10).bytes == 20
    write(experiment / "eval" / EVENTS)
    assert look(watched, now + 20).bytes == 30
    (experiment / "train" / EVENTS).unlink()
    assert look(watched, now + 30).bytes == 20


def test_a_link_that_is_turned_outwards_elsewhere_is_noticed(
    watched: EventFiles, root: Path, experiment: Path
) -> None:
    write(experiment / EVENTS)
    write(root / "shared" / EVENTS)
    (root / "hop").symlink_to("shared")
    (experiment / "data").symlink_to("../hop")
    now = time.time() + SETTLED
    assert look(watched, now).problem is None
    (root / "hop").unlink()
    (root / "hop").symlink_to("/etc")
    assert look(watched, now + 10).problem is not None


def test_a_young_directory_is_read_again_even_if_its_times_did_not_move(
    watched: EventFiles, experiment: Path
) -> None:
    now = time.time()
    look(watched, now)
    before = experiment.stat()
    write(experiment / EVENTS)
    os.utime(experiment, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert look(watched, now).bytes == 10


def test_it_knows_when_something_last_stirred(watched: EventFiles, experiment: Path) -> None:
    events = write(experiment / EVENTS, at=500.0)
    os.utime(experiment, (400.0, 400.0))
    now = time.time() + SETTLED
    look(watched, now)
    assert watched.stirred_at == 500.0
    look(watched, now + 10)
    assert watched.stirred_at == 500.0
    with events.open("ab") as file:
        file.write(b"more")
    look(watched, now + 20)
    assert watched.stirred_at == now + 20


def test_what_vanishes_meanwhile_is_passed_over(watched: EventFiles, experiment: Path) -> None:
    events = write(experiment / "train" / EVENTS)
    now = time.time() + SETTLED
    look(watched, now)
    events.unlink()
    (experiment / "train").rmdir()
    assert look(watched, now + 10).last_event_at is None
    experiment.rmdir()
    assert look(watched, now + 20) == MISSING
    write(experiment / EVENTS)
    assert look(watched, now + 30).bytes == 10


def test_event_files_are_found_in_the_order_tensorboard_reads_them(
    root: Path, experiment: Path
) -> None:
    second = write(experiment / "train" / "events.out.tfevents.2")
    first = write(experiment / "train" / "events.out.tfevents.1")
    top = write(experiment / EVENTS)
    write(experiment / "train" / "model.ckpt")
    os.mkfifo(experiment / "pipe.tfevents")
    write(experiment / "1" / "2" / "3" / EVENTS)
    assert find(str(experiment), str(root), 2) == (
        EventFile(".", str(top)),
        EventFile("train", str(first)),
        EventFile("train", str(second)),
    )


def test_linked_event_files_are_found_once_and_only_inside_the_root(
    root: Path, experiment: Path, tmp_path: Path
) -> None:
    shared = write(root / "shared" / EVENTS)
    outside = write(tmp_path / "outside" / EVENTS)
    (experiment / "run").mkdir(parents=True)
    (experiment / "run" / EVENTS).symlink_to(shared)
    (experiment / "run" / "also.tfevents").symlink_to(outside)
    (experiment / "leak").symlink_to(outside.parent)
    assert find(str(experiment), str(root), 4) == (EventFile("run", str(shared)),)
    (experiment / "run" / EVENTS).unlink()
    (experiment / "all").symlink_to(shared.parent)
    assert find(str(experiment), str(root), 4) == (EventFile("shared", str(shared)),)


def test_no_more_than_so_many_event_files_are_named(
    root: Path, experiment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tbgateway.eventfiles._MOST_FILES", 3)
    for number in range(5):
        write(experiment / f"{number}.tfevents")
    names = [one.path.rpartition("/")[2] for one in find(str(experiment), str(root), 4)]
    assert names == ["0.tfevents", "1.tfevents", "2.tfevents"]


def test_nothing_is_found_where_nothing_is(root: Path) -> None:
    assert find(str(root / "nowhere"), str(root), 4) == ()
