import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbgateway.discovery import Found, Root, Scanner, ScanReport, measure, resolve_inside
from tbgateway.domain.errors import InvalidInputError
from tbgateway.domain.experiment_state import MISSING
from tbgateway.domain.model import Experiment, ExperimentState
from tbgateway.domain.names import ExperimentId, new_experiment_id

EVENTS = "events.out.tfevents.1700000000.host.1.0"
INTERVAL = 10.0
TURNS = 6


class Clock:
    """Begins far enough ahead of the real one that fresh directories count as settled."""

    def __init__(self) -> None:
        self.now = time.time() + 3600.0

    def __call__(self) -> float:
        return self.now


class Site:
    """A scanner, and a memory of what it found that stands in for the gateway's store."""

    def __init__(self, roots: dict[str, Root], search_depth: int = 4) -> None:
        self.clock = Clock()
        self.scanner = Scanner(roots, search_depth, self.clock)
        self.known: dict[ExperimentId, Experiment] = {}

    def look(self) -> ScanReport:
        """Scan once, one interval later."""
        self.clock.now += INTERVAL
        report = self.scanner.scan(self.known.values())
        time.sleep(0.01)  # what happens next gets a later time even where clocks tick slowly
        return report

    def adopt(self, state: ExperimentState = ExperimentState.COMPLETED) -> dict[str, ExperimentId]:
        """Scan once and make experiments of all that is found; return their ids by name."""
        for found in self.look().found:
            self.register(found, state)
        return {one.name: one.id for one in self.known.values()}

    def register(self, found: Found, state: ExperimentState, *, registered: bool = False) -> None:
        experiment = Experiment(
            id=new_experiment_id(),
            root=found.root,
            name=found.name,
            path=found.path,
            state=state,
            registered=registered,
            created_at=0.0,
        )
        self.known[experiment.id] = experiment


def write(path: Path, size: int = 10, at: float = 1_700_000_000.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (at, at))
    return path


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
def site(root: Path) -> Site:
    return Site({"runs": Root(root)})


@pytest.fixture
def projects(root: Path) -> Site:
    return Site({"runs": Root(root, depth=2)})


def names(report: ScanReport) -> list[str]:
    return sorted(found.name for found in report.found)


def reasons(report: ScanReport, root: Path) -> dict[str, str]:
    return {str(Path(path).relative_to(root)): reason for path, reason in report.skipped}


# --- finding


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


# --- links


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


# --- what cannot be used


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


# --- known experiments


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


# --- when changes are seen


def test_a_running_experiment_is_measured_in_every_scan(site: Site, root: Path) -> None:
    events = write(root / "resnet" / "train" / EVENTS)
    ids = site.adopt(ExperimentState.RUNNING)
    site.clock.now += 1000
    for size in range(11, 11 + 2 * TURNS):
        write(events, size)
        assert site.look().measurements[ids["resnet"]].bytes == size


def test_a_silent_experiment_is_measured_within_six_scans(site: Site, root: Path) -> None:
    for number in range(20):
        write(root / f"run-{number}" / "train" / EVENTS)
    ids = site.adopt()
    site.clock.now += 1000
    for _ in range(TURNS):
        site.look()
    for number in range(20):
        write(root / f"run-{number}" / "train" / EVENTS, 20)
    seen_after = []
    for _ in range(TURNS):
        report = site.look()
        seen_after.append(sum(report.measurements[key].bytes == 20 for key in ids.values()))
    assert seen_after == sorted(seen_after)
    assert 0 < seen_after[0] < 20
    assert seen_after[-1] == 20


def test_an_experiment_that_grew_is_measured_in_the_next_scans_too(site: Site, root: Path) -> None:
    events = write(root / "resnet" / EVENTS)
    ids = site.adopt()
    site.clock.now += 1000
    write(events, 20)
    while site.look().measurements[ids["resnet"]].bytes != 20:
        pass
    for size in (21, 22, 23):
        write(events, size)
        assert site.look().measurements[ids["resnet"]].bytes == size


def test_a_new_directory_is_found_at_the_next_scan(site: Site, root: Path) -> None:
    write(root / "old" / EVENTS)
    site.adopt()
    site.clock.now += 1000
    site.look()
    write(root / "new" / "train" / EVENTS)
    assert names(site.look()) == ["new"]


def test_a_directory_that_gets_its_first_event_late_is_found_within_six_scans(
    site: Site, root: Path
) -> None:
    (root / "queued" / "train").mkdir(parents=True)
    site.look()
    site.clock.now += 1000
    for _ in range(TURNS):
        assert names(site.look()) == []
    write(root / "queued" / "train" / EVENTS)
    found = [names(site.look()) for _ in range(TURNS)]
    assert ["queued"] in found


def test_a_file_system_that_keeps_no_directory_times_is_read_again_after_a_while(
    site: Site, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "resnet" / EVENTS)
    fixed = os.lstat(root)
    real = os.lstat

    def frozen(path: str) -> os.stat_result:
        return fixed if path == str(root) else real(path)

    monkeypatch.setattr("tbgateway.discovery.candidates.os.lstat", frozen)
    site.adopt()
    write(root / "bert" / EVENTS)
    assert names(site.look()) == []
    site.clock.now += 600
    assert names(site.look()) == ["bert"]


class _Vandal:
    """Does to a directory whatever users and their tools may do."""

    def __init__(self, root: Path, draw: Callable[[st.SearchStrategy[str]], str]) -> None:
        self.root = root
        self._draw = draw

    def _path(self) -> Path:
        return self.root / self._draw(_PATHS)

    def write(self) -> None:
        path = self._path()
        path.mkdir(parents=True, exist_ok=True)
        with (path / self._draw(_FILES)).open("ab") as file:
            file.write(b"x")

    def make_directory(self) -> None:
        self._path().mkdir(parents=True, exist_ok=True)

    def link(self) -> None:
        path = self._path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(self._draw(_TARGETS).format(root=self.root))

    def make_pipe(self) -> None:
        os.mkfifo(self._path())

    def remove(self) -> None:
        path = self._path()
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        else:
            shutil.rmtree(path)

    def rename(self) -> None:
        self._path().rename(self._path())


_PART = st.sampled_from(["a", "b", "c", os.fsdecode(b"\xff"), "tfevents"])
_PATHS = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_FILES = st.sampled_from(["tfevents.1", "tfevents.2", "notes"])
_TARGETS = st.sampled_from(["a", "../b", "{root}", "{root}/c", "{root}/../out", "loop", "b/tfevents.1"])
_DEEDS = st.sampled_from(["write", "make_directory", "link", "make_pipe", "remove", "rename"])


@pytest.mark.parametrize("depth", [1, 2])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_whatever_happens_six_scans_later_it_knows_what_a_fresh_one_sees(
    depth: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory).resolve() / "runs"
        root.mkdir()
        (root.parent / "out").mkdir()
        site = Site({"runs": Root(root, depth)}, search_depth=2)
        vandal = _Vandal(root, data.draw)
        for _ in range(data.draw(st.integers(1, 4))):
            for deed in data.draw(st.lists(_DEEDS, min_size=1, max_size=8)):
                with suppress(OSError):
                    getattr(vandal, deed)()
            site.adopt()
        for _ in range(TURNS):
            report = site.look()
        fresh = Scanner({"runs": Root(root, depth)}, 2, site.clock).scan(site.known.values())
        assert report == fresh


# --- registering


def test_a_path_below_a_root_is_resolved(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "link").symlink_to("a")
    roots = {"runs": Root(root)}
    assert resolve_inside(root / "a", roots) == ("runs", root / "a")
    assert resolve_inside(f"{root}/link/../link/b/", roots) == ("runs", root / "a" / "b")


def test_the_innermost_root_is_taken(root: Path) -> None:
    (root / "project" / "run").mkdir(parents=True)
    roots = {"all": Root(root), "mine": Root(root / "project")}
    assert resolve_inside(root / "project" / "run", roots)[0] == "mine"
    assert resolve_inside(root / "project", {"all": Root(root)})[0] == "all"


def test_paths_outside_are_refused_whether_they_exist_or_not(root: Path, tmp_path: Path) -> None:
    (tmp_path / "runs-2").mkdir()
    (root / "out").symlink_to("/etc")
    roots = {"runs": Root(root)}
    for path in ("/etc", "/nowhere", root / ".." / "runs-2", root / "out", f"{root}/../x", "/"):
        with pytest.raises(InvalidInputError, match="lies outside of the logdir roots") as refused:
            resolve_inside(path, roots)
        assert f"runs ({root})" in refused.value.hint
        assert "--logdir" in refused.value.hint


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("runs/a", "is not an absolute path"),
        ("", "is not an absolute path"),
        ("~/runs", "is not an absolute path"),
        ("/a\0b", "not valid UTF-8"),
        (os.fsdecode(b"/a\xff"), "not valid UTF-8"),
        ("{root}", "is the logdir root 'runs' itself"),
        ("{root}/nowhere", "cannot be read as a directory: No such file"),
        ("{root}/file", "cannot be read as a directory: Not a directory"),
        ("{root}/file/below", "cannot be read as a directory"),
        ("{root}/loop", "cannot be read as a directory: Too many levels"),
    ],
)
def test_what_is_no_directory_below_a_root_is_refused(root: Path, path: str, why: str) -> None:
    (root / "file").write_text("")
    (root / "loop").symlink_to("loop")
    with pytest.raises(InvalidInputError, match=why) as refused:
        resolve_inside(path.format(root=root), {"runs": Root(root)})
    assert refused.value.hint


def test_without_roots_the_hint_says_how_to_add_one() -> None:
    with pytest.raises(InvalidInputError) as refused:
        resolve_inside("/etc", {})
    assert refused.value.hint.startswith("There is no logdir root yet; add one with")


def test_a_root_given_as_a_link_measures_the_same(root: Path, tmp_path: Path) -> None:
    write(root / "resnet" / EVENTS)
    (tmp_path / "link").symlink_to("runs")
    assert measure(root / "resnet", tmp_path / "link", 4).bytes == 10
