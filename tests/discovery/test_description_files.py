"""The files in which scripts say more than their event files do, and what else may lie there."""

import errno
import json
import os
import time
from pathlib import Path

import pytest
from experiment_site import EVENTS, Site, as_ordinary_user, write

from tbgateway.discovery import FileReading
from tbgateway.discovery.description_files import DescriptionFile, read_description_file
from tbgateway.domain.description_file import FILE_NAME, LONGEST_FILE, NOT_UNDERSTOOD
from tbgateway.domain.model import ExperimentState

LATER = 3600.0


def say(directory: Path, **said: object) -> Path:
    file = directory / FILE_NAME
    file.write_text(json.dumps(said))
    return file


def looked(directory: Path) -> FileReading | None:
    return read_description_file(os.path.realpath(directory))


def test_what_a_file_says_is_read_with_what_it_comes_to(tmp_path: Path) -> None:
    say(tmp_path, params={"lr": 0.1}, later="x")
    reading = looked(tmp_path)
    assert reading is not None
    assert (reading.says.params, reading.problem) == ({"lr": 0.1}, "")
    assert json.loads(reading.content) == {"params": {"lr": 0.1}}
    assert 0 <= time.monotonic() - reading.at < 60


def test_where_no_file_is_nothing_is_read(tmp_path: Path) -> None:
    assert looked(tmp_path) is None
    assert looked(tmp_path / "missing") is None


@pytest.mark.parametrize(
    "kind", ["pipe", "link", "directory", "socket", "device", "large", "bytes"]
)
def test_odd_files_are_a_problem_and_hang_nobody(tmp_path: Path, kind: str) -> None:
    file = tmp_path / FILE_NAME
    expected = odd(file, kind)
    reading = looked(tmp_path)
    assert reading is not None
    assert (reading.says, reading.content) == (NOT_UNDERSTOOD, "")
    assert reading.problem == f"{FILE_NAME}: {expected}"
    described = DescriptionFile(os.path.realpath(tmp_path))
    described.look(time.time() + LATER)
    first = described.reading
    described.look(time.time() + LATER)
    assert described.reading is first, "nobody looks into it again"


def odd(file: Path, kind: str) -> str:
    """Put something odd there; return what is said of it."""
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "link":
            (file.parent / "other").write_text("{}")
            file.symlink_to(file.parent / "other")
            return "It cannot be read: it is a link."
        case "directory":
            file.mkdir()
        case "socket":
            os.mknod(file, 0o140600)
            return "It cannot be read: No such device or address."
        case "device":
            try:
                os.mknod(file, 0o020666, os.makedev(1, 5))  # zeros without an end
            except PermissionError:
                file.mkdir()
        case "large":
            file.write_bytes(b" " * (LONGEST_FILE + 1))
            return f"It cannot be read: it holds more than {LONGEST_FILE} bytes."
        case _:
            file.write_bytes(b'{"notes": "\xff"}')
            return "It is not UTF-8."
    return "It cannot be read: it is no regular file."


def test_a_file_that_nobody_may_read_is_a_problem(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    say(tmp_path).chmod(0)
    with as_ordinary_user():
        reading = looked(tmp_path)
    assert reading is not None
    assert reading.problem == f"{FILE_NAME}: It cannot be read: Permission denied."


def test_a_directory_that_is_reached_by_a_link_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    say(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    reading = read_description_file(str(tmp_path / "link"))
    assert reading is not None
    assert "it is reached by a link" in reading.problem


@pytest.mark.parametrize("passing", [errno.EMFILE, errno.EIO, errno.ESTALE])
@pytest.mark.parametrize("question", ["lstat", "open"])
def test_what_goes_wrong_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passing: int, question: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(passing, os.strerror(passing))

    file = say(tmp_path, notes="a")
    described = DescriptionFile(os.path.realpath(tmp_path))
    later = time.time() + LATER
    described.look(later)
    if question == "open":  # where it has not changed, it is not opened
        file.write_text('{"notes": "b"}')
    with monkeypatch.context() as patched:
        patched.setattr(os, question, refuse)
        described.look(later)
    assert described.reading is not None
    assert described.reading.problem == f"{FILE_NAME}: It cannot be read: {os.strerror(passing)}."
    described.look(later)
    reading = described.reading
    assert reading.problem == ""
    assert reading.says.notes == ("b" if question == "open" else "a")
    described.look(later)
    assert described.reading is reading


def test_a_file_of_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'\xef\xbb\xbf{"notes": "a"}\r\n')
    reading = looked(tmp_path)
    assert reading is not None
    assert reading.says.notes == "a"


def test_a_file_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    file = say(tmp_path, notes="a")
    described = DescriptionFile(os.path.realpath(tmp_path))
    now = time.time() + LATER
    described.look(now)
    first = described.reading
    described.look(now)
    assert described.reading is first
    file.write_text('{"notes": "b"}')
    described.look(now)
    second = described.reading
    assert second is not None
    assert second.says.notes == "b"
    replacement = say_beside(file, notes="c")
    replacement.rename(file)
    described.look(now)
    assert described.reading is not None
    assert described.reading.says.notes == "c"
    file.unlink()
    described.look(now)
    assert described.reading is None


def say_beside(file: Path, **said: object) -> Path:
    beside = file.with_name("beside")
    beside.write_text(json.dumps(said))
    return beside


def test_a_fresh_file_is_looked_into_again_though_its_time_is_the_same(tmp_path: Path) -> None:
    file = say(tmp_path, notes="a")
    described = DescriptionFile(os.path.realpath(tmp_path))
    for now in (time.time(), file.stat().st_mtime - 5.0):  # a scan may have begun before
        described.look(now)
        first = described.reading
        described.look(now)
        assert described.reading is not first


# --- in scans


def readings(site: Site) -> dict[str, str | None]:
    report = site.look()
    return {site.known[key].name: reading.says.notes for key, reading in report.readings.items()}


def test_scans_tell_what_files_say_of_known_and_of_new_experiments(site: Site, root: Path) -> None:
    for name in ("a", "b", "c"):
        write(root / name / EVENTS)
    say(root / "a", notes="of a")
    say(root / "c", notes="of c")
    found = {one.name: one.reading for one in site.look().found}
    assert {name: reading and reading.says.notes for name, reading in found.items()} == {
        "a": "of a",
        "b": None,
        "c": "of c",
    }
    site.adopt()
    assert readings(site) == {"a": "of a", "c": "of c"}


def test_a_file_that_comes_or_changes_is_seen_when_its_experiment_is_measured(
    site: Site, root: Path
) -> None:
    write(root / "a" / EVENTS)
    site.adopt(ExperimentState.RUNNING)
    assert readings(site) == {}
    file = say(root / "a", notes="1")
    assert readings(site) == {"a": "1"}
    file.write_text('{"notes": "2"}')
    assert readings(site) == {"a": "2"}
    file.unlink()
    assert readings(site) == {}


def test_an_idle_experiments_file_is_seen_within_a_round(site: Site, root: Path) -> None:
    write(root / "a" / EVENTS)
    say(root / "a", notes="1")
    site.adopt(ExperimentState.COMPLETED)
    for _ in range(7):
        site.look()
    (root / "a" / FILE_NAME).write_text('{"notes": "2"}')
    seen = [readings(site) for _ in range(7)]
    assert seen[-1] == {"a": "2"}


def test_a_reading_is_the_same_object_until_the_file_changes(site: Site, root: Path) -> None:
    write(root / "a" / EVENTS)
    say(root / "a", notes="1")
    (key,) = site.adopt(ExperimentState.RUNNING).values()
    assert site.look().readings[key] is site.look().readings[key]


def test_files_deeper_down_describe_nothing(site: Site, root: Path) -> None:
    write(root / "a" / "train" / EVENTS)
    say(root / "a" / "train", notes="1")
    site.adopt()
    assert readings(site) == {}


def test_a_file_alone_makes_no_experiment_and_counts_once_there_are_events(
    site: Site, root: Path
) -> None:
    (root / "a").mkdir()
    say(root / "a", notes="early")
    assert site.look().found == ()
    write(root / "a" / EVENTS)
    found = next(found for _ in range(7) for found in site.look().found)
    assert found.reading is not None
    assert found.reading.says.notes == "early"


def test_an_odd_file_does_not_end_a_scan(site: Site, root: Path) -> None:
    for name in ("a", "b"):
        write(root / name / EVENTS)
    os.mkfifo(root / "a" / FILE_NAME)
    say(root / "b", notes="1")
    site.adopt()
    report = site.look()
    told = {site.known[key].name: one.problem for key, one in report.readings.items()}
    assert told == {"a": f"{FILE_NAME}: It cannot be read: it is no regular file.", "b": ""}
